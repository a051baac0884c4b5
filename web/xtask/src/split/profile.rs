//! What the first pictures of the library's scenarios call.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use walrus::ir::Value;
use walrus::{ConstExpr, ValType};

use super::{PARTS, REST, parse, write};
use crate::run::output;
use crate::{Res, paths, tools};

/// The functions that were called, by their place in the module.
pub type Taken = BTreeSet<usize>;

/// What the pictures of each broker take, in the order of [`PARTS`].
pub fn taken(whole: &[u8]) -> Res<Vec<Taken>> {
    let marking = paths::target().join("glassmq_marking.wasm");
    write(&marking, &mark(whole)?)?;
    let mut node = tools::node()?;
    node.arg(paths::root().join("web/xtask/src/split/profile.mjs"))
        .args([paths::pkg(), marking, paths::root().join("scenarios")]);
    let said = output(&mut node).ok_or(
        "the scenarios could not be opened under Node: run web/xtask/src/split/profile.mjs",
    )?;
    let said: Json = serde_json::from_str(&said).map_err(|why| why.to_string())?;
    PARTS[..REST]
        .iter()
        .map(|of| functions(&said[of]))
        .collect()
}

fn functions(said: &Json) -> Res<Taken> {
    let list = said
        .as_array()
        .ok_or("no scenario of a broker was opened")?;
    Ok(list
        .iter()
        .filter_map(|place| Some(place.as_u64()? as usize))
        .collect())
}

/// The same module, where each function sets a global of its own when it is called.
fn mark(whole: &[u8]) -> Res<Vec<u8>> {
    let mut module = parse(whole)?;
    let functions: Vec<_> = module.funcs.iter_local().map(|(id, _)| id).collect();
    for id in functions {
        let unset = ConstExpr::Value(Value::I32(0));
        let global = module.globals.add_local(ValType::I32, true, false, unset);
        module
            .exports
            .add(&format!("called {}", id.index()), global);
        let function = module.funcs.get_mut(id).kind.unwrap_local_mut();
        function
            .builder_mut()
            .func_body()
            .const_at(0, Value::I32(1))
            .global_set_at(1, global);
    }
    Ok(module.emit_wasm())
}
