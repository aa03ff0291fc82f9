//! What the meter promises, shown on small guests in wasmi.

#[path = "metering/fuel.rs"]
mod fuel;
#[path = "metering/guest.rs"]
mod guest;
#[path = "metering/hostile.rs"]
mod hostile;
#[path = "metering/memory.rs"]
mod memory;
#[path = "metering/module.rs"]
mod module;
#[path = "metering/nans.rs"]
mod nans;
#[path = "metering/random.rs"]
mod random;
#[path = "metering/stack.rs"]
mod stack;
