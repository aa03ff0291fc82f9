//! A copy of a module that tells which code runs: each function, and each of its points (see [`crate::flow`]), calls the
//! import `profile.hit` with a number.

use wasm_encoder::reencode::Reencode as _;
use wasm_encoder::{EntityType, Function, Instruction, ValType};

use crate::flow::Flow;
use crate::module::Module;
use crate::output::{Fault, Output};
use crate::renumber::Renumber;

pub struct Probed {
    pub module: Vec<u8>,
    /// What each number stands for, as [`crate::list::List::add`] reads it.
    pub lines: Vec<String>,
}

/// The probed copy.
pub fn probe(module: &Module<'_>) -> Result<Probed, Fault> {
    let hit = module.imported().functions;
    let functions = (0..hit)
        .map(|import| (import, import))
        .chain(module.defined().map(|function| (function, function + 1)))
        .collect();
    let mut renumber = Renumber::functions(functions);
    let mut out = Output::default();

    out.take_types(module, &mut renumber)?;
    out.types.ty().function([ValType::I32], []);
    for import in &module.imports {
        let ty = renumber.entity_type(import.ty)?;
        out.imports.import(import.module, import.name, ty);
    }
    let ty = EntityType::Function(module.types.len() as u32);
    out.imports.import("profile", "hit", ty);
    for ty in &module.functions {
        out.functions.function(*ty);
    }
    for table in &module.tables {
        renumber.parse_table(&mut out.tables, table.clone())?;
    }
    out.take_rest(module, &mut renumber)?;
    out.take_data(module, &mut renumber)?;
    let mut lines = Vec::new();
    for (number, body) in module.defined().zip(&module.bodies) {
        let name = module.name(number);
        let ty = module.type_of(number).unwrap_or_default();
        let results = module.types.get(ty as usize).map(|ty| ty.results());
        let flow = Flow::of(module, results.unwrap_or_default(), body)?;
        let points = flow.map_or(Vec::new(), |flow| flow.points);
        let mut function = renumber.new_function_with_parsed_locals(body)?;
        let mut tell = |function: &mut Function, line: String| {
            function.instruction(&Instruction::I32Const(lines.len() as i32));
            function.instruction(&Instruction::Call(hit));
            lines.push(line);
        };
        tell(&mut function, format!("{name}\t{}", points.len()));
        let mut reader = body.get_operators_reader()?;
        for step in 0.. {
            if reader.eof() {
                break;
            }
            if let Ok(point) = points.binary_search(&step) {
                tell(&mut function, format!("{name}\t{point}/{}", points.len()));
            }
            let instruction = renumber.parse_instruction(&mut reader)?;
            function.instruction(&instruction);
        }
        out.code.function(&function);
    }
    Ok(Probed {
        module: out.finish(),
        lines,
    })
}
