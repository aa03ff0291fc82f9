# Set-up shared by scripts/setup, env, serve, test and sizes. Sourced, never run.
# shellcheck shell=bash
#
# What it settles, in this order: a Rust toolchain which has the wasm32 target, Trunk,
# wasm-bindgen, wasm-opt and, where tests are to run, a browser. Everything already there in the
# right version is used; everything else goes to one cache folder, built beside its final place and
# renamed into it, so that an interrupted set-up leaves nothing half done.

set -euo pipefail

ROOT_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE_DIR=${XDG_CACHE_HOME:-$HOME/.cache}/lambda-playground
TOOLS_DIR=$CACHE_DIR/tools
LOG_DIR=$CACHE_DIR/logs
WASM_TARGET=wasm32-unknown-unknown

# shellcheck source=scripts/versions.env
source "$ROOT_DIR/scripts/versions.env"

# ---- talking ---------------------------------------------------------------------------------
# Everything is said on stderr: stdout belongs to the caller (scripts/env prints shell code there).

say() { printf '%s\n' "$*" >&2; }

die() {
  printf 'error: %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '       %s\n' "$line" >&2; done
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# step <title> <log name> <command...>: one line before, one after; the output goes to a log whose
# tail is shown on failure. A line every minute shows that it is still alive.
step() {
  local title=$1 log=$LOG_DIR/$2.log begin=$SECONDS pid beat status=0
  shift 2
  mkdir -p "$LOG_DIR"
  say "  … $title  (log: $log)"
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  (
    while sleep 60; do say "    still at it, $((SECONDS - begin)) s: $(tail -n 1 "$log" | cut -c1-100)"; done
  ) &
  beat=$!
  wait "$pid" || status=$?
  kill "$beat" 2>/dev/null || true
  wait "$beat" 2>/dev/null || true
  if [ "$status" -ne 0 ]; then
    tail -n 30 "$log" >&2
    die "$title: failed with status $status after $((SECONDS - begin)) s" "whole log: $log"
  fi
  say "  ✓ $title  ($((SECONDS - begin)) s)"
}

# bounded <seconds> <command...>: with a time limit where the machine has `timeout`.
bounded() {
  local seconds=$1
  shift
  if have timeout; then timeout "$seconds" "$@"; else "$@"; fi
}

# One set-up at a time on a machine: the second waits and then finds everything done.
with_lock() {
  mkdir -p "$CACHE_DIR"
  if have flock; then
    exec 9>"$CACHE_DIR/lock"
    if ! flock -n 9; then
      say "  … waiting for another set-up to finish"
      flock 9
    fi
    "$@"
    exec 9>&-
  else
    "$@"
  fi
}

# ---- Debian packages -------------------------------------------------------------------------

installed_package() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$'; }

may_administer() { [ "$(id -u)" -eq 0 ] || { have sudo && sudo -n true 2>/dev/null; }; }

apt_run() {
  local administrator=()
  [ "$(id -u)" -eq 0 ] || administrator=(sudo -n)
  "${administrator[@]}" env DEBIAN_FRONTEND=noninteractive "$@"
}

apt_install() { apt_run apt-get install -y --no-install-recommends "$@"; }

# With the lists of today.
apt_renew() { apt_run apt-get update && apt_install "$@"; }

# need_packages <purpose> <package...>: installs what is missing, or says the command that would.
need_packages() {
  local purpose=$1 missing=() package apt
  shift
  for package in "$@"; do installed_package "$package" || missing+=("$package"); done
  [ ${#missing[@]} -eq 0 ] && return 0
  apt="apt-get install -y --no-install-recommends ${missing[*]}"
  may_administer ||
    die "for $purpose Debian packages are missing, which only an administrator can install. Please run:" "sudo $apt"
  say "  Installing Debian packages for $purpose: ${missing[*]}"
  # The package lists are refreshed only when they turn out to be missing or old.
  # shellcheck disable=SC2317
  apt_install_or_renew() { apt_install "$@" || apt_renew "$@"; }
  step "Debian packages" apt-install apt_install_or_renew "${missing[@]}"
}

# ---- the Rust toolchain ----------------------------------------------------------------------

has_wasm_target() { # <sysroot>
  local library
  for library in "$1/lib/rustlib/$WASM_TARGET/lib"/libstd-*.rlib; do
    [ -e "$library" ] && return 0
  done
  return 1
}

# Sets TOOLCHAIN_ROUTE (present, rustup or packages) and exports the environment for it.
choose_toolchain() { # <may install: yes|no>
  local install=$1 sysroot
  if [ "${WASM_TOOLCHAIN:-}" = packages ]; then
    use_package_toolchain "$install"
    return
  fi
  if have rustc && sysroot=$(cd "$ROOT_DIR" && RUSTUP_AUTO_INSTALL=0 rustc --print sysroot 2>/dev/null); then
    if has_wasm_target "$sysroot"; then
      TOOLCHAIN_ROUTE=present
      pin_rustup_toolchain
      return
    fi
    # Once the package toolchain is there, rustup's server isn't asked again and again.
    if package_toolchain_ready; then
      use_package_toolchain "$install"
      return
    fi
    if [ "$install" = yes ] && have rustup && add_target_with_rustup; then
      TOOLCHAIN_ROUTE=rustup
      pin_rustup_toolchain
      return
    fi
  fi
  use_package_toolchain "$install"
}

# One compiler for the whole run, whatever folder a tool changes into.
pin_rustup_toolchain() {
  local active
  have rustup || return 0
  active=$(cd "$ROOT_DIR" && RUSTUP_AUTO_INSTALL=0 rustup show active-toolchain 2>/dev/null) || return 0
  export RUSTUP_TOOLCHAIN=${active%% *}
}

# `target add` fetches the library that belongs to the installed compiler; it upgrades nothing.
add_target_with_rustup() {
  local active
  active=$(cd "$ROOT_DIR" && RUSTUP_AUTO_INSTALL=0 rustup show active-toolchain 2>/dev/null) || return 1
  active=${active%% *}
  say "  Adding the $WASM_TARGET library to rustup's toolchain $active (at most $RUSTUP_PATIENCE s)"
  if RUSTUP_AUTO_INSTALL=0 bounded "$RUSTUP_PATIENCE" \
    rustup target add "$WASM_TARGET" --toolchain "$active" >&2 </dev/null; then
    return 0
  fi
  say "  rustup could not add it; going on with Debian's packages"
  return 1
}

# Where the package toolchain for the distribution's present compiler belongs. The compiler's
# commit is part of the name, so an upgrade of the package leads to a rebuild.
package_toolchain_dir() {
  local version hash release
  [ -x /usr/bin/rustc ] || return 1
  version=$(/usr/bin/rustc -vV) || return 1
  hash=$(sed -n 's/^commit-hash: //p' <<<"$version")
  release=$(sed -n 's/^release: //p' <<<"$version")
  printf '%s/toolchain/rustc-%s-%.12s-r%s' "$CACHE_DIR" "$release" "$hash" "$PACKAGE_TOOLCHAIN_RECIPE"
}

package_toolchain_ready() {
  local dir triple
  dir=$(package_toolchain_dir) || return 1
  triple=("$dir"/lib/rustlib/*/bin/rust-lld)
  [ -x "$dir/bin/rustc" ] && [ -x "${triple[0]}" ] && has_wasm_target "$dir"
}

use_package_toolchain() { # <may install: yes|no>
  local dir
  TOOLCHAIN_ROUTE=packages
  if [ "$1" = yes ]; then
    have dpkg-query && have apt-get || no_toolchain
    local packages=(rustc-web cargo-web rust-web-src rust-web-clippy rustfmt-web "lld-$LLVM_VERSION" gcc libc6-dev)
    need_packages "the Rust toolchain" "${packages[@]}"
    package_compiler_is_new_enough || renew_package_compiler "${packages[@]}"
    package_toolchain_ready || build_package_toolchain
  fi
  dir=$(package_toolchain_dir) || die "the package toolchain isn't there yet; run scripts/setup"
  [ -d "$dir" ] || die "the package toolchain isn't there yet; run scripts/setup"
  if have rustup; then
    local link=${RUSTUP_HOME:-$HOME/.rustup}/toolchains/$PACKAGE_TOOLCHAIN
    if [ "$(readlink "$link" 2>/dev/null || true)" != "$dir" ]; then
      rustup toolchain link "$PACKAGE_TOOLCHAIN" "$dir" >&2
    fi
    export RUSTUP_TOOLCHAIN=$PACKAGE_TOOLCHAIN
  else
    prepend_path "$dir/bin"
  fi
}

package_compiler_is_new_enough() {
  local wanted release
  wanted=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' "$ROOT_DIR/Cargo.toml")
  release=$(/usr/bin/rustc -vV | sed -n 's/^release: //p')
  [ "$(printf '%s\n' "$wanted" "$release" | sort -V | head -n 1)" = "$wanted" ]
}

# Package lists from before a newer compiler was published lead to the older one, without any error.
renew_package_compiler() { # <package...>
  may_administer || die "/usr/bin/rustc is older than the project needs. Please run:" \
    "sudo apt-get update && sudo apt-get install -y $*"
  step "newer Debian packages for the Rust toolchain" apt-renew apt_renew "$@"
  package_compiler_is_new_enough ||
    die "Debian's rustc-web is older than the project needs, even after apt-get update"
}

no_toolchain() {
  die "no Rust toolchain with the $WASM_TARGET target, and none could be installed." \
    "What is missing: the compiled standard library for $WASM_TARGET." \
    "Either  rustup target add $WASM_TARGET   (rustup: https://rustup.rs)" \
    "or, on Debian 12, run scripts/setup as root (or with sudo): it builds that library" \
    "from the packages rustc-web, cargo-web and rust-web-src."
}

# The distribution's compiler has no wasm32 library for us, but its source is packaged: compile that
# once, and put it in a private sysroot together with links to everything else.
build_package_toolchain() {
  local dir source work hash triple lib tool
  dir=$(package_toolchain_dir)
  source=/usr/lib/rustlib/src/rust
  [ -d "$source/library" ] || die "no Rust library source in $source (package rust-web-src)"
  hash=$(/usr/bin/rustc -vV | sed -n 's/^commit-hash: //p')
  triple=$(/usr/bin/rustc -vV | sed -n 's/^host: //p')
  say "  Building the $WASM_TARGET standard library from Debian's source, into $dir"
  mkdir -p "$CACHE_DIR/toolchain"
  rm -rf "$CACHE_DIR/toolchain"/.work.* # left behind by an interrupted set-up
  work=$(mktemp -d "$CACHE_DIR/toolchain/.work.XXXXXX")

  mkdir -p "$work/mkstd/src"
  echo '#![no_std]' >"$work/mkstd/src/lib.rs"
  cat >"$work/mkstd/Cargo.toml" <<'TOML'
[package]
name = "mkstd"
version = "0.0.0"
edition = "2024"

[profile.release]
opt-level = 3
codegen-units = 1
debug = 0

[workspace]
TOML
  # Bitcode is embedded because link-time optimisation needs it; the remapping keeps this machine's
  # paths out of panic messages and so out of the page and of the example functions. The library's own
  # dependencies are fetched first, since only then the folder is there whose name is to be replaced.
  compile_std() {
    cd "$work/mkstd" || return 1
    local cargo flags folder
    cargo=(env -u RUSTUP_TOOLCHAIN -u RUSTC_WRAPPER -u SYSROOT
      PATH="/usr/bin:$PATH" RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1)
    "${cargo[@]}" /usr/bin/cargo fetch --target "$WASM_TARGET" \
      -Z build-std=std,panic_abort,panic_unwind,proc_macro,test || return 1
    flags="-Cembed-bitcode=yes --remap-path-prefix=$(readlink -f "$source")=/rustc/$hash --remap-path-prefix=$source=/rustc/$hash"
    for folder in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/; do
      [ -d "$folder" ] && flags+=" --remap-path-prefix=${folder%/}=/rust/deps"
    done
    "${cargo[@]}" RUSTFLAGS="$flags" /usr/bin/cargo build --release --target "$WASM_TARGET" \
      --target-dir "$work/target" -Z build-std=std,panic_abort,panic_unwind,proc_macro,test
  }
  step "standard library for $WASM_TARGET (about half a minute)" std-wasm32 compile_std

  lib=$work/root/lib/rustlib
  mkdir -p "$lib/$WASM_TARGET/lib" "$lib/$triple/bin" "$work/root/bin"
  cp "$work/target/$WASM_TARGET/release/deps"/lib*.rlib "$lib/$WASM_TARGET/lib/"
  rm -f "$lib/$WASM_TARGET/lib"/libmkstd*
  ln -s "/usr/lib/rustlib/$triple/lib" "$lib/$triple/lib"
  ln -s /usr/lib/rustlib/src "$lib/src"
  ln -s "/usr/lib/llvm-$LLVM_VERSION/bin/lld" "$lib/$triple/bin/rust-lld"
  for tool in rustc rustdoc; do
    printf '#!/bin/sh\nexec /usr/bin/%s --sysroot "%s" "$@"\n' "$tool" "$dir" >"$work/root/bin/$tool"
    chmod +x "$work/root/bin/$tool"
  done
  # clippy-driver is started behind rustc's back and learns of the sysroot from the environment only.
  printf '#!/bin/sh\nSYSROOT="%s" exec /usr/bin/cargo-clippy "$@"\n' "$dir" >"$work/root/bin/cargo-clippy"
  chmod +x "$work/root/bin/cargo-clippy"
  for tool in cargo clippy-driver cargo-fmt rustfmt; do
    ln -s "/usr/bin/$tool" "$work/root/bin/$tool"
  done
  rm -rf "$dir"
  mv "$work/root" "$dir"
  rm -rf "$work"
}

# ---- tools -----------------------------------------------------------------------------------

prepend_path() {
  case ":$PATH:" in
  *":$1:"*) ;;
  *) export PATH="$1:$PATH" ;;
  esac
}

# The wasm-bindgen that the project links, as Cargo.lock has it.
wasm_bindgen_version() {
  local version
  [ -f "$ROOT_DIR/Cargo.lock" ] || die "Cargo.lock is missing; it belongs to the repository"
  version=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/[^0-9.]/, ""); print; exit }' "$ROOT_DIR/Cargo.lock")
  [ -n "$version" ] || die "Cargo.lock doesn't name wasm-bindgen"
  printf '%s' "$version"
}

version_of() { # <command>: the first dotted or plain number it prints
  "$1" --version 2>/dev/null | grep -oE '[0-9]+(\.[0-9]+)*' | head -n 1
}

# use_tool <binary> <version> <folder>: true when it is on PATH or in our cache in that version.
use_tool() {
  if have "$1" && [ "$(version_of "$1")" = "$2" ]; then return 0; fi
  if [ -x "$3/$1" ]; then
    prepend_path "$3"
    return 0
  fi
  return 1
}

# cargo_tool <crate> <version> <binary> <cargo install flags...>
cargo_tool() {
  local crate=$1 version=$2 binary=$3 dir partial target
  shift 3
  dir=$TOOLS_DIR/$crate-$version
  use_tool "$binary" "$version" "$dir/bin" && return 0
  [ "$MAY_INSTALL" = yes ] || die "$crate $version is missing; run scripts/setup"
  partial=$TOOLS_DIR/.partial-$crate-$version
  # A target folder of its own, so that an interrupted build goes on where it stopped.
  target=$CACHE_DIR/build/$crate-$version
  say "  Building $crate $version into $dir"
  rm -rf "$partial"
  mkdir -p "$TOOLS_DIR"
  # Tools of which a build uses a second or two needn't be optimised to the last: Trunk's own
  # profile spends more than half of its build time on that.
  step "$crate $version (some minutes)" "$crate" env CARGO_TARGET_DIR="$target" \
    CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
    cargo install "$crate" --version "=$version" --root "$partial" "$@"
  rm -rf "$dir"
  mv "$partial" "$dir"
  rm -rf "$target"
  prepend_path "$dir/bin"
}

use_node() {
  local major
  if have node; then
    major=$(version_of node | cut -d. -f1)
    [ "$major" -ge "$NODE_MIN_MAJOR" ] && return 0
    [ "$MAY_INSTALL" = yes ] || return 0
    die "Node.js $NODE_MIN_MAJOR or newer is needed, this is $(node --version)"
  fi
  [ "$MAY_INSTALL" = yes ] || die "Node.js is missing; run scripts/setup"
  have apt-get || die "Node.js $NODE_MIN_MAJOR or newer is needed (https://nodejs.org)"
  need_packages "wasm-opt and the helper scripts" nodejs npm
}

# npm_tool <binary> <version it prints> <npm package> <npm version>
npm_tool() {
  local dir=$TOOLS_DIR/$3-$2
  use_tool "$1" "$2" "$dir/node_modules/.bin" && return 0
  [ "$MAY_INSTALL" = yes ] || die "$1 ($3 $2) is missing; run scripts/setup"
  have npm || need_packages "$1" npm
  say "  Installing $1 (npm package $3 $2) into $dir"
  rm -rf "$dir.partial"
  mkdir -p "$dir.partial"
  step "$3 $2" "$3" npm install --prefix "$dir.partial" --no-save --no-fund --no-audit "$3@$4"
  rm -rf "$dir"
  mv "$dir.partial" "$dir"
  prepend_path "$dir/node_modules/.bin"
}

use_wasm_opt() { npm_tool wasm-opt "$BINARYEN_VERSION" binaryen "$BINARYEN_VERSION.0.0"; }

# For the browser tests: a script that is put into the page, not a program. They find it by this variable.
use_axe() {
  local dir=$TOOLS_DIR/axe-core-$AXE_VERSION
  export LAMBDA_PLAYGROUND_AXE=$dir/node_modules/axe-core/axe.min.js
  [ -f "$LAMBDA_PLAYGROUND_AXE" ] && return 0
  [ "$MAY_INSTALL" = yes ] || return 0
  have npm || need_packages "axe-core" npm
  say "  Installing axe-core (npm package axe-core $AXE_VERSION) into $dir"
  rm -rf "$dir.partial"
  mkdir -p "$dir.partial"
  step "axe-core $AXE_VERSION" axe-core npm install --prefix "$dir.partial" --no-save --no-fund --no-audit "axe-core@$AXE_VERSION"
  rm -rf "$dir"
  mv "$dir.partial" "$dir"
}

# For functions/build only.
use_wabt() { npm_tool wat2wasm "$WABT_VERSION" wabt "$WABT_VERSION"; }

use_mdbook() { cargo_tool mdbook "$MDBOOK_VERSION" mdbook --no-default-features --features search; }

# cfn-lint in an environment of its own, where Python is; tests find it there. It is wanted in CI; elsewhere its test says that
# it did not run.
use_cfn_lint() {
  local dir=$TOOLS_DIR/cfn-lint-$CFN_LINT_VERSION
  [ -x "$dir/bin/cfn-lint" ] && return 0
  [ "$MAY_INSTALL" = yes ] || return 0
  if ! have python3 || ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
    if have apt-get && may_administer; then
      need_packages "cfn-lint" python3 python3-venv
    else
      say "  cfn-lint is not installed: there is no Python with venv here. The templates' test will be passed over."
      return 0
    fi
  fi
  install_cfn_lint() {
    rm -rf "$dir" && python3 -m venv "$dir" && "$dir/bin/pip" install --disable-pip-version-check "cfn-lint==$CFN_LINT_VERSION"
  }
  # An environment knows its own place, so it cannot be built beside it: one that is not whole has no finished command.
  if [ -n "${CI:-}" ]; then
    step "cfn-lint $CFN_LINT_VERSION" cfn-lint install_cfn_lint
  elif ! (step "cfn-lint $CFN_LINT_VERSION" cfn-lint install_cfn_lint); then
    rm -rf "$dir"
    say "  cfn-lint could not be installed; the templates' test will be passed over"
  fi
}

# A browser and its driver, for the tests and the screenshot. The driver must be on PATH.
use_browser() {
  if have chromedriver && { have chromium || have google-chrome || have chromium-browser; }; then return 0; fi
  [ "$MAY_INSTALL" = yes ] || return 0
  have apt-get || die "the browser tests need Chromium (or Chrome) and the chromedriver of the same version on PATH"
  need_packages "the browser tests" chromium chromium-driver fonts-dejavu-core
}

# ---- the whole -------------------------------------------------------------------------------

# set_up <build|test>: afterwards PATH and RUSTUP_TOOLCHAIN are right for every other command.
set_up() {
  MAY_INSTALL=yes
  with_lock set_up_parts "$1"
}

set_up_parts() {
  local wasm_bindgen
  wasm_bindgen=$(wasm_bindgen_version)
  choose_toolchain yes
  cargo_tool trunk "$TRUNK_VERSION" trunk --locked
  # Not --locked: its lock file may name crate versions which a mirror doesn't carry any more.
  cargo_tool wasm-bindgen-cli "$wasm_bindgen" wasm-bindgen
  use_node
  use_wasm_opt
  use_mdbook
  if [ "$1" = test ]; then
    use_browser
    use_cfn_lint
    use_axe
  fi
}

# Only what is there already; for scripts/env.
environment_only() {
  local wasm_bindgen
  MAY_INSTALL=no
  wasm_bindgen=$(wasm_bindgen_version)
  choose_toolchain no
  cargo_tool trunk "$TRUNK_VERSION" trunk
  cargo_tool wasm-bindgen-cli "$wasm_bindgen" wasm-bindgen
  use_node
  use_wasm_opt
}

# Trunk takes only the words true and false here, while the convention is any value.
if [ -n "${NO_COLOR:-}" ]; then export NO_COLOR=true; fi
