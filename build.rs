//! Has the linker keep what `scripts/split` needs to know which data belongs to which code of the two modules that load in
//! parts. It is read, and left out again, when a release build is sealed.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    if is("CARGO_CFG_TARGET_ARCH", "wasm32") && is("PROFILE", "release") {
        for bin in ["playground", "worker"] {
            println!("cargo::rustc-link-arg-bin={bin}=--emit-relocs");
        }
    }
}
