//! A copy of a module that tells which functions run: each one calls the import `profile.hit` with its number.

use wasm_encoder::reencode::Reencode as _;
use wasm_encoder::{EntityType, Instruction, ValType};

use crate::module::Module;
use crate::output::{Fault, Output};
use crate::renumber::Renumber;

/// The probed copy. Numbers count defined functions, from 0.
pub fn probe(module: &Module<'_>) -> Result<Vec<u8>, Fault> {
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
    for (number, body) in module.bodies.iter().enumerate() {
        let mut function = renumber.new_function_with_parsed_locals(body)?;
        function.instruction(&Instruction::I32Const(number as i32));
        function.instruction(&Instruction::Call(hit));
        renumber.copy(body, &mut function)?;
        out.code.function(&function);
    }
    Ok(out.finish())
}
