//! Writing bodies and expressions with other indices.

use std::collections::BTreeMap;
use std::convert::Infallible;

use wasm_encoder::Function;
use wasm_encoder::reencode::{Error, Reencode};
use wasmparser::FunctionBody;

/// New indices of functions and globals. Types, tables, memories, data and elements keep theirs.
pub struct Renumber {
    pub functions: BTreeMap<u32, u32>,
    /// Globals that are not in it keep their index.
    pub globals: BTreeMap<u32, u32>,
    /// Functions that were asked for and have no new index: a fault of the plan.
    pub missing: Vec<u32>,
}

impl Renumber {
    pub fn functions(functions: BTreeMap<u32, u32>) -> Self {
        Self {
            functions,
            globals: BTreeMap::new(),
            missing: Vec::new(),
        }
    }

    /// Writes a body's instructions behind those that `function` has.
    pub fn copy(
        &mut self,
        body: &FunctionBody<'_>,
        function: &mut Function,
    ) -> Result<(), Error<Infallible>> {
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            let instruction = self.parse_instruction(&mut reader)?;
            function.instruction(&instruction);
        }
        Ok(())
    }
}

impl Reencode for Renumber {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        Ok(self.functions.get(&function).copied().unwrap_or_else(|| {
            self.missing.push(function);
            u32::MAX
        }))
    }

    fn global_index(&mut self, global: u32) -> Result<u32, Error<Infallible>> {
        Ok(self.globals.get(&global).copied().unwrap_or(global))
    }
}
