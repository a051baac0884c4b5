//! Cuts a module by its functions.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use walrus::ir::{self, Visitor, dfs_in_order};
use walrus::{
    ConstExpr, ElementItems, ElementKind, ExportItem, FunctionBuilder, FunctionId, FunctionKind,
    GlobalKind, ImportKind, ImportedFunction, LocalFunction, Module, TableId, ValType,
};

use super::{PARTS, parse};
use crate::Res;

/// The name under which the parts know the entry.
const ENTRY: &str = "entry";

/// The import that fetches a part by its number: `need` of `web/src/parts.rs`.
const NEED: &str = "__wbg_need_";

/// The instructions of a stub, besides one for each argument.
const STUB: u64 = 3;

/// Which function goes where.
pub struct Cut {
    /// The part of each function of the module that is not in the entry.
    homes: BTreeMap<usize, usize>,
    /// By part: the functions that are called from elsewhere, each through a slot of the table.
    slots: Vec<Vec<usize>>,
    /// What the entry must export because a part calls it, in the order in which it will stand
    /// there: what counts up is compressed well, and there are thousands.
    shared: Vec<usize>,
    /// The length of the table before the slots.
    table: u64,
}

impl Cut {
    /// Puts every function into the part that `home` says, or into the entry.
    pub fn by(whole: &[u8], home: impl Fn(usize) -> Option<usize>) -> Res<Cut> {
        let module = parse(whole)?;
        let homes: BTreeMap<usize, usize> = module
            .funcs
            .iter_local()
            .filter_map(|(id, _)| Some((id.index(), home(id.index())?)))
            .collect();
        let mut called = BTreeSet::new();
        let mut shared = BTreeSet::new();
        for (id, function) in module.funcs.iter_local() {
            let from = homes.get(&id.index());
            for to in mentions(function).into_iter().map(|id| id.index()) {
                if homes.get(&to) == from {
                    continue;
                }
                if homes.contains_key(&to) {
                    called.insert(to);
                }
                if from.is_some() {
                    shared.insert(to);
                }
            }
        }
        called.extend(open(&module).filter(|function| homes.contains_key(function)));
        let mut shared = Vec::from_iter(shared);
        let ids = ids(&module);
        shared.sort_by_cached_key(|function| {
            let length = match &module.funcs.get(ids[function]).kind {
                FunctionKind::Local(it) if !homes.contains_key(function) => it.size(),
                FunctionKind::Local(it) => it.args.len() as u64 + STUB,
                _ => u64::MAX,
            };
            Reverse(length)
        });
        let of = |part| {
            let there = called.iter().filter(|function| homes[function] == part);
            there.copied().collect()
        };
        Ok(Cut {
            slots: (0..PARTS.len()).map(of).collect(),
            shared,
            table: module.tables.get(main_table(&module)?).initial,
            homes,
        })
    }

    /// The module without the bodies that went elsewhere.
    pub fn entry(&self, whole: &[u8]) -> Res<Vec<u8>> {
        let mut module = parse(whole)?;
        let table = main_table(&module)?;
        let length = self.table + self.slots.iter().map(|part| part.len() as u64).sum::<u64>();
        let resized = module.tables.get_mut(table);
        resized.initial = length;
        resized.maximum = resized.maximum.map(|_| length);
        let need = need(&module)?;
        let ids = ids(&module);
        for (part, slots) in self.slots.iter().enumerate() {
            let arrive = arrive(&mut module, need, part);
            for (slot, function) in (self.base(part)..).zip(slots) {
                stub(&mut module, ids[function], arrive, table, slot);
            }
        }
        for (place, function) in self.shared.iter().enumerate() {
            module.exports.add(&place.to_string(), ids[function]);
        }
        // All that the parts know of the entry, besides functions.
        let tables: Vec<_> = module.tables.iter().map(|table| table.id()).collect();
        for table in tables {
            module.exports.add(&format!("t{}", table.index()), table);
        }
        let globals: Vec<_> = module.globals.iter().map(|global| global.id()).collect();
        for global in globals {
            module.exports.add(&format!("g{}", global.index()), global);
        }
        walrus::passes::gc::run(&mut module);
        Ok(module.emit_wasm())
    }

    /// A part: its functions, which put themselves into their slots of the entry's table.
    pub fn part(&self, whole: &[u8], part: usize) -> Res<Vec<u8>> {
        let mut module = parse(whole)?;
        let table = main_table(&module)?;
        only_code(&mut module);
        let ids = ids(&module);
        for (place, function) in self.shared.iter().enumerate() {
            if self.homes.get(function) != Some(&part) {
                import(&mut module, ids[function], &place.to_string());
            }
        }
        let offset = ConstExpr::Value(ir::Value::I32(self.base(part) as i32));
        let items = self.slots[part].iter().map(|function| ids[function]);
        let element = module.elements.add(
            ElementKind::Active { table, offset },
            ElementItems::Functions(items.collect()),
        );
        let filled = module.tables.get_mut(table);
        filled.elem_segments.insert(element);
        walrus::passes::gc::run(&mut module);
        Ok(module.emit_wasm())
    }

    /// The first slot of a part.
    fn base(&self, part: usize) -> u64 {
        let before: usize = self.slots[..part].iter().map(Vec::len).sum();
        self.table + before as u64
    }
}

/// What a function calls by name or takes the address of.
fn mentions(function: &LocalFunction) -> BTreeSet<FunctionId> {
    #[derive(Default)]
    struct Mentions(BTreeSet<FunctionId>);
    impl Visitor<'_> for Mentions {
        fn visit_function_id(&mut self, function: &FunctionId) {
            self.0.insert(*function);
        }
    }
    let mut found = Mentions::default();
    dfs_in_order(&mut found, function, function.entry_block());
    found.0
}

/// What anybody may call: the functions that are exported, or whose address is in a table.
fn open(module: &Module) -> impl Iterator<Item = usize> {
    let exported = module
        .exports
        .iter()
        .filter_map(|export| match export.item {
            ExportItem::Function(id) => Some(id.index()),
            _ => None,
        });
    let listed = module.elements.iter().flat_map(|element| {
        let functions = match &element.items {
            ElementItems::Functions(ids) => ids.as_slice(),
            ElementItems::Expressions(..) => &[],
        };
        functions.iter().map(|id| id.index())
    });
    exported.chain(listed)
}

/// The functions by their place in the module.
fn ids(module: &Module) -> BTreeMap<usize, FunctionId> {
    let all = module.funcs.iter();
    all.map(|function| (function.id().index(), function.id()))
        .collect()
}

/// The table of functions.
fn main_table(module: &Module) -> Res<TableId> {
    let found = module.tables.main_function_table();
    let found = found.map_err(|why| format!("the wasm module: {why:#}"))?;
    found.ok_or("the wasm module has no table of functions".into())
}

fn need(module: &Module) -> Res<FunctionId> {
    let found = module
        .imports
        .iter()
        .find(|import| import.name.starts_with(NEED));
    match found.map(|import| &import.kind) {
        Some(ImportKind::Function(id)) => Ok(*id),
        _ => Err(format!("the wasm module imports no function {NEED}...")),
    }
}

/// A function that has a part fetched, once.
fn arrive(module: &mut Module, need: FunctionId, part: usize) -> FunctionId {
    let unset = ConstExpr::Value(ir::Value::I32(0));
    let here = module.globals.add_local(ValType::I32, true, false, unset);
    let mut builder = FunctionBuilder::new(&mut module.types, &[], &[]);
    builder
        .func_body()
        .global_get(here)
        .unop(ir::UnaryOp::I32Eqz)
        .if_else(
            None,
            |then| {
                then.i32_const(part as i32)
                    .call(need)
                    .i32_const(1)
                    .global_set(here);
            },
            |_| {},
        );
    builder.finish(Vec::new(), &mut module.funcs)
}

/// Puts a call through the table in place of a function's body.
fn stub(module: &mut Module, function: FunctionId, arrive: FunctionId, table: TableId, slot: u64) {
    let ty = module.funcs.get(function).ty();
    let (params, results) = module.types.params_results(ty);
    let (params, results) = (params.to_vec(), results.to_vec());
    let args: Vec<_> = params.iter().map(|ty| module.locals.add(*ty)).collect();
    let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
    let mut body = builder.func_body();
    body.call(arrive);
    for arg in &args {
        body.local_get(*arg);
    }
    body.i32_const(slot as i32).call_indirect(ty, table);
    module.funcs.get_mut(function).kind = FunctionKind::Local(builder.local_func(args));
}

/// Leaves of a module what a part has: no data, no exports; memory, tables and globals are those
/// of the entry.
fn only_code(module: &mut Module) {
    let exports: Vec<_> = module.exports.iter().map(|it| it.id()).collect();
    exports.into_iter().for_each(|id| module.exports.delete(id));
    let elements: Vec<_> = module.elements.iter().map(|it| it.id()).collect();
    let data: Vec<_> = module.data.iter().map(|it| it.id()).collect();
    for table in module.tables.iter_mut() {
        table.elem_segments.clear();
    }
    for memory in module.memories.iter_mut() {
        memory.data_segments.clear();
    }
    elements
        .into_iter()
        .for_each(|id| module.elements.delete(id));
    data.into_iter().for_each(|id| module.data.delete(id));
    for table in module.tables.iter_mut() {
        let name = format!("t{}", table.id().index());
        // The entry's is longer, for it has the slots.
        table.maximum = None;
        table.import = Some(module.imports.add(ENTRY, &name, table.id()));
    }
    for memory in module.memories.iter_mut() {
        memory.import = Some(module.imports.add(ENTRY, "memory", memory.id()));
    }
    let globals: Vec<_> = module.globals.iter().map(|it| it.id()).collect();
    for id in globals {
        let import = module.imports.add(ENTRY, &format!("g{}", id.index()), id);
        module.globals.get_mut(id).kind = GlobalKind::Import(import);
    }
}

/// Takes a function from the entry.
fn import(module: &mut Module, function: FunctionId, name: &str) {
    let ty = module.funcs.get(function).ty();
    if let FunctionKind::Import(other) = &module.funcs.get(function).kind {
        module.imports.delete(other.import);
    }
    let import = module.imports.add(ENTRY, name, function);
    // What was imported from elsewhere is had from the entry, too.
    module.funcs.get_mut(function).kind = FunctionKind::Import(ImportedFunction { import, ty });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ends`, which is exported, calls `middle`, which calls `ends` and `far`.
    fn whole() -> Vec<u8> {
        let mut module = Module::default();
        module
            .tables
            .add_local(false, 1, Some(1), walrus::RefType::FUNCREF);
        let number = module.types.add(&[ValType::I32], &[]);
        module.add_import_func("glue", "__wbg_need_1", number);
        let [ends, middle, far] = std::array::from_fn(|_| {
            let builder = FunctionBuilder::new(&mut module.types, &[], &[]);
            builder.finish(Vec::new(), &mut module.funcs)
        });
        for (from, to) in [(ends, middle), (middle, ends), (middle, far)] {
            let function = module.funcs.get_mut(from).kind.unwrap_local_mut();
            function.builder_mut().func_body().call(to);
        }
        module.exports.add("ends", ends);
        module.emit_wasm()
    }

    fn imported(module: &Module) -> Vec<&str> {
        let all = module.imports.iter();
        all.map(|import| import.name.as_str()).collect()
    }

    #[test]
    fn a_part_takes_from_the_entry_what_it_calls_and_fills_its_slots() {
        let whole = whole();
        let module = parse(&whole).unwrap();
        let ends = module.exports.get_func("ends").unwrap();
        let callee = |of: FunctionId| mentions(module.funcs.get(of).kind.unwrap_local());
        let middle = *callee(ends).first().unwrap();
        let home = |function| match function {
            it if it == ends.index() => None,
            it if it == middle.index() => Some(0),
            _ => Some(1),
        };
        let cut = Cut::by(&whole, home).unwrap();

        let entry = parse(&cut.entry(&whole).unwrap()).unwrap();
        assert_eq!(imported(&entry), ["__wbg_need_1"]);
        let table = entry.tables.get(main_table(&entry).unwrap());
        assert_eq!((table.initial, table.maximum), (3, Some(3)), "two slots");
        assert!(entry.elements.iter().next().is_none(), "empty until a part");
        assert!(entry.exports.get_func("ends").is_ok());

        let part = parse(&cut.part(&whole, 0).unwrap()).unwrap();
        assert_eq!(part.funcs.iter_local().count(), 1, "only its own");
        assert_eq!(part.exports.iter().count(), 0);
        // The functions are what it calls: ends, and far through its stub.
        let of = |kind: fn(&ImportKind) -> bool| {
            let all = part.imports.iter();
            all.filter(|import| kind(&import.kind)).count()
        };
        assert_eq!(of(|kind| matches!(kind, ImportKind::Function(_))), 2);
        assert_eq!(of(|kind| matches!(kind, ImportKind::Table(_))), 1);
        assert_eq!(part.elements.iter().count(), 1);

        let last = parse(&cut.part(&whole, 2).unwrap()).unwrap();
        assert_eq!(last.funcs.iter_local().count(), 0);
    }
}
