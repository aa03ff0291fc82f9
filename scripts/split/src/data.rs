//! Which data the first module can do without.
//!
//! Code refers to data by plain numbers, so a finished module does not tell which text belongs to which function. The
//! linker's output does, when it is told to keep its relocations (`--emit-relocs`): for each function and each object of
//! data, the objects it refers to. Addresses stay as they are in what `wasm-bindgen` and `wasm-opt` make of it; functions
//! are found again by their names.
//!
//! An object is deferred only if nothing in the first module can refer to it: by its relocations, by those of functions that
//! were inlined, by a number in its code that may be an address, or by way of another object.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::{
    BinaryReaderError, FunctionBody, KnownCustom, Linking, Operator, Parser, Payload,
    RelocationType, SymbolInfo,
};

use crate::list::lasting;
use crate::module::Module;

/// What the linker knew.
#[derive(Default)]
pub struct Data {
    /// Objects by address: their size, and whether they never change.
    objects: BTreeMap<u32, Object>,
    functions: BTreeMap<String, Refers>,
}

#[derive(Default)]
struct Object {
    size: u32,
    constant: bool,
    refers: BTreeSet<u32>,
}

/// What a function refers to.
#[derive(Default)]
struct Refers {
    /// Addresses in its code, and the object that each belongs to.
    addresses: BTreeSet<(u32, u32)>,
    /// Functions it calls, and how often.
    calls: BTreeMap<String, u32>,
}

impl Data {
    /// Reads the linker's output; none if it holds no relocations.
    pub fn parse(bytes: &[u8]) -> Result<Option<Self>, BinaryReaderError> {
        let module = Module::parse(bytes)?;
        let mut symbols = Vec::new();
        let mut segment_names = Vec::new();
        let mut relocations = Vec::new();
        let mut code_begins = 0;
        let mut data_begins = 0;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::CodeSectionStart {
                    unchecked_range, ..
                } => code_begins = unchecked_range.start,
                Payload::DataSection(reader) => data_begins = reader.range().start,
                Payload::CustomSection(section) => match section.as_known() {
                    KnownCustom::Linking(reader) => {
                        for part in reader.subsections() {
                            match part? {
                                Linking::SymbolTable(table) => {
                                    symbols = table.into_iter().collect::<Result<_, _>>()?;
                                }
                                Linking::SegmentInfo(segments) => {
                                    for segment in segments {
                                        segment_names.push(segment?.name);
                                    }
                                }
                                _ => {}
                            }
                        }
                    }
                    KnownCustom::Reloc(reader) => {
                        let in_code = section.name() == "reloc.CODE";
                        for entry in reader.entries() {
                            relocations.push((in_code, entry?));
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        if relocations.is_empty() {
            return Ok(None);
        }
        let mut found = Self::default();
        let base = |segment: u32| {
            let data = module.data.get(segment as usize)?;
            crate::cut::place_of(&data.kind)
        };
        let address = |symbol: u32| match symbols.get(symbol as usize) {
            Some(SymbolInfo::Data {
                symbol: Some(data), ..
            }) => Some(base(data.index)? + data.offset),
            _ => None,
        };
        for symbol in &symbols {
            if let SymbolInfo::Data {
                symbol: Some(data), ..
            } = symbol
                && let Some(base) = base(data.index)
                && data.size > 0
            {
                let name = segment_names.get(data.index as usize);
                let object = found.objects.entry(base + data.offset).or_default();
                object.size = object.size.max(data.size);
                object.constant = name.is_some_and(|name| name.starts_with(".rodata"));
            }
        }
        found.join_overlapping();

        let mut names: BTreeMap<u32, String> = BTreeMap::new();
        for symbol in &symbols {
            if let SymbolInfo::Func {
                index,
                name: Some(name),
                ..
            } = symbol
            {
                names.insert(
                    *index,
                    plain(&format!("{:#}", rustc_demangle::demangle(name))),
                );
            }
        }
        let first = module.imported().functions;
        let name_of = |function: usize| names.get(&(first + function as u32)).cloned();
        for (in_code, entry) in relocations {
            let at = u64::from(entry.offset) + if in_code { code_begins } else { data_begins };
            if in_code {
                let behind = module
                    .bodies
                    .partition_point(|body| body.range().start <= at);
                let Some(name) = behind.checked_sub(1).and_then(name_of) else {
                    continue;
                };
                let function = found.functions.entry(name).or_default();
                match entry.ty {
                    RelocationType::MemoryAddrLeb | RelocationType::MemoryAddrSleb => {
                        if let Some(object) = address(entry.index) {
                            let value = i64::from(object) + entry.addend;
                            let object = found.objects.range(..=object).next_back();
                            function
                                .addresses
                                .extend(object.map(|(object, _)| (value as u32, *object)));
                        }
                    }
                    RelocationType::FunctionIndexLeb => {
                        if let Some(SymbolInfo::Func { index, .. }) =
                            symbols.get(entry.index as usize)
                            && let Some(callee) = names.get(index)
                        {
                            *function.calls.entry(callee.clone()).or_default() += 1;
                        }
                    }
                    _ => {}
                }
            } else if let Some(object) = address(entry.index) {
                let holder = module.data.iter().find_map(|data| {
                    let begins = data.range.end - data.data.len() as u64;
                    let within = at.checked_sub(begins)?;
                    let place = crate::cut::place_of(&data.kind)?;
                    (at < data.range.end).then_some(place + within as u32)
                });
                let target = found.object_at(object);
                if let (Some(holder), Some(target)) = (holder, target)
                    && let Some((_, holder)) = found.objects.range_mut(..=holder).next_back()
                {
                    holder.refers.insert(target);
                }
            }
        }
        Ok(Some(found))
    }

    /// Objects that share bytes become one.
    fn join_overlapping(&mut self) {
        let mut joined: BTreeMap<u32, Object> = BTreeMap::new();
        for (address, object) in std::mem::take(&mut self.objects) {
            match joined.last_entry() {
                Some(mut last) if address < last.key() + last.get().size => {
                    let begin = *last.key();
                    let last = last.get_mut();
                    last.size = last.size.max(address + object.size - begin);
                    last.constant &= object.constant;
                }
                _ => {
                    joined.insert(address, object);
                }
            }
        }
        self.objects = joined;
    }

    /// The object that an address lies in.
    fn object_at(&self, address: u32) -> Option<u32> {
        let (begin, object) = self.objects.range(..=address).next_back()?;
        (address < begin + object.size).then_some(*begin)
    }

    /// Where the first module's data may have holes: places and lengths, of constant objects that no kept function refers
    /// to. `tails` are the functions behind all others that were parts of the functions given.
    pub fn deferred(
        &self,
        module: &Module<'_>,
        kept: &BTreeSet<u32>,
        tails: &[u32],
    ) -> Result<Vec<(u32, u32)>, BinaryReaderError> {
        let all = module.imported().functions + module.functions.len() as u32;
        let mut parts: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (tail, owner) in (all - tails.len() as u32..).zip(tails) {
            parts.entry(*owner).or_default().push(tail);
        }
        let existing: BTreeSet<String> = module.all_names().map(|(_, name)| plain(name)).collect();

        let mut needed: Vec<u32> = Vec::new();
        // What may change is there from the beginning, and so is what it refers to.
        needed.extend(
            self.objects
                .iter()
                .filter(|(_, it)| !it.constant)
                .map(|(at, _)| *at),
        );
        for function in kept {
            let Some(body) = module.body(*function) else {
                continue;
            };
            let here = Numbers::of(body)?;
            needed.extend(
                here.addresses
                    .iter()
                    .filter_map(|address| self.object_at(*address)),
            );
            let mut away = Numbers::default();
            for tail in parts.get(function).into_iter().flatten() {
                if let Some(body) = module.body(*tail) {
                    away.add(Numbers::of(body)?);
                }
            }
            let Some(refers) = self.functions.get(&plain(module.name(*function))) else {
                continue;
            };
            for (address, object) in &refers.addresses {
                let only_away =
                    away.addresses.contains(address) && !here.addresses.contains(address);
                if !only_away {
                    needed.push(*object);
                }
            }
            // Calls that are gone were inlined.
            let mut left: BTreeMap<String, u32> = BTreeMap::new();
            for callee in here.calls.iter().chain(&away.calls) {
                *left.entry(plain(module.name(*callee))).or_default() += 1;
            }
            let mut inlined: Vec<&str> = refers
                .calls
                .iter()
                .filter(|(name, count)| left.get(*name).copied().unwrap_or_default() < **count)
                .map(|(name, _)| name.as_str())
                .collect();
            let mut seen = BTreeSet::new();
            while let Some(name) = inlined.pop() {
                if !seen.insert(name) {
                    continue;
                }
                if let Some(refers) = self.functions.get(name) {
                    needed.extend(refers.addresses.iter().map(|(_, object)| *object));
                    let gone = refers.calls.keys().filter(|name| !existing.contains(*name));
                    inlined.extend(gone.map(String::as_str));
                }
            }
        }
        let mut reached = BTreeSet::new();
        while let Some(address) = needed.pop() {
            if reached.insert(address)
                && let Some(object) = self.objects.get(&address)
            {
                needed.extend(&object.refers);
            }
        }
        let deferred = self.objects.iter().filter(|(at, _)| !reached.contains(at));
        Ok(deferred.map(|(at, object)| (*at, object.size)).collect())
    }
}

/// Numbers in a body that may be addresses, and the functions it calls.
#[derive(Default)]
struct Numbers {
    addresses: BTreeSet<u32>,
    calls: Vec<u32>,
}

impl Numbers {
    fn of(body: &FunctionBody<'_>) -> Result<Self, BinaryReaderError> {
        let mut numbers = Self::default();
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            let operator = reader.read()?;
            // Loads and stores have an address of their own beside the one on the stack.
            numbers.addresses.extend(offset(&operator));
            match operator {
                Operator::I32Const { value } => {
                    numbers.addresses.insert(value as u32);
                }
                Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                    numbers.calls.push(function_index);
                }
                _ => {}
            }
        }
        Ok(numbers)
    }

    fn add(&mut self, other: Self) {
        self.addresses.extend(other.addresses);
        self.calls.extend(other.calls);
    }
}

/// The address that a load or store has of its own.
fn offset(operator: &Operator<'_>) -> Option<u32> {
    match operator {
        Operator::I32Load { memarg }
        | Operator::I64Load { memarg }
        | Operator::F32Load { memarg }
        | Operator::F64Load { memarg }
        | Operator::I32Load8S { memarg }
        | Operator::I32Load8U { memarg }
        | Operator::I32Load16S { memarg }
        | Operator::I32Load16U { memarg }
        | Operator::I64Load8S { memarg }
        | Operator::I64Load8U { memarg }
        | Operator::I64Load16S { memarg }
        | Operator::I64Load16U { memarg }
        | Operator::I64Load32S { memarg }
        | Operator::I64Load32U { memarg }
        | Operator::I32Store { memarg }
        | Operator::I64Store { memarg }
        | Operator::F32Store { memarg }
        | Operator::F64Store { memarg }
        | Operator::I32Store8 { memarg }
        | Operator::I32Store16 { memarg }
        | Operator::I64Store8 { memarg }
        | Operator::I64Store16 { memarg }
        | Operator::I64Store32 { memarg }
        | Operator::V128Load { memarg }
        | Operator::V128Store { memarg } => u32::try_from(memarg.offset).ok(),
        _ => None,
    }
}

/// A function's name without hashes, and without the number that tells apart two of the same name.
fn plain(name: &str) -> String {
    let name = lasting(name);
    match name.rsplit_once('[') {
        Some((before, number))
            if number.strip_suffix(']').is_some_and(|number| {
                !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
            }) =>
        {
            before.to_owned()
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests;
