//! A module being written: all its sections, put in order at the end.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode as _};
use wasm_encoder::{
    CodeSection, DataCountSection, DataSection, ElementSection, ExportSection, FunctionSection,
    GlobalSection, ImportSection, MemorySection, Module as Encoded, NameSection, StartSection,
    TableSection, TypeSection,
};

use crate::module::Module;
use crate::renumber::Renumber;

/// What goes wrong while writing.
pub type Fault = Error<Infallible>;

/// All sections of a module.
#[derive(Default)]
pub struct Output {
    pub types: TypeSection,
    pub imports: ImportSection,
    pub functions: FunctionSection,
    pub tables: TableSection,
    pub memories: MemorySection,
    pub globals: GlobalSection,
    pub exports: ExportSection,
    pub start: Option<u32>,
    pub elements: ElementSection,
    pub code: CodeSection,
    pub data_count: Option<u32>,
    pub data: DataSection,
    pub names: Option<NameSection>,
}

impl Output {
    /// The types of a module.
    pub fn take_types(
        &mut self,
        module: &Module<'_>,
        renumber: &mut Renumber,
    ) -> Result<(), Fault> {
        for ty in &module.types {
            let ty = renumber.func_type(ty.clone())?;
            self.types.ty().func_type(&ty);
        }
        Ok(())
    }

    /// Memories, globals, exports, the start function and elements of a module.
    pub fn take_rest(&mut self, module: &Module<'_>, renumber: &mut Renumber) -> Result<(), Fault> {
        for memory in &module.memories {
            self.memories.memory(renumber.memory_type(*memory)?);
        }
        for global in &module.globals {
            renumber.parse_global(&mut self.globals, global.clone())?;
        }
        for export in &module.exports {
            renumber.parse_export(&mut self.exports, *export)?;
        }
        self.start = match module.start {
            Some(start) => Some(renumber.function_index(start)?),
            None => None,
        };
        for element in &module.elements {
            renumber.parse_element(&mut self.elements, element.clone())?;
        }
        Ok(())
    }

    /// The data of a module.
    pub fn take_data(&mut self, module: &Module<'_>, renumber: &mut Renumber) -> Result<(), Fault> {
        self.data_count = module.data_count;
        for data in &module.data {
            renumber.parse_data(&mut self.data, data.clone())?;
        }
        Ok(())
    }

    /// The module's bytes. Empty sections are left out.
    pub fn finish(self) -> Vec<u8> {
        let mut out = Encoded::new();
        out.section(&self.types);
        macro_rules! unless_empty {
            ($($section:expr),*) => { $(if !$section.is_empty() { out.section(&$section); })* };
        }
        unless_empty!(
            self.imports,
            self.functions,
            self.tables,
            self.memories,
            self.globals,
            self.exports
        );
        if let Some(function_index) = self.start {
            out.section(&StartSection { function_index });
        }
        unless_empty!(self.elements);
        if let Some(count) = self.data_count {
            out.section(&DataCountSection { count });
        }
        unless_empty!(self.code, self.data);
        if let Some(names) = self.names {
            out.section(&names);
        }
        out.finish()
    }
}
