//! `run(n)`: parses a document like JSON into a tree and prints it again, n times, with an allocator
//! that only moves a pointer. Many small functions, branches on bytes, and a match at every turn, as
//! in most functions that people deploy.
#![no_std]

extern crate alloc;

use alloc::{string::String, vec::Vec};
use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;

#[path = "bare.rs"]
mod bare;

const ARENA_BYTES: usize = 1 << 20;

/// Gives out one piece of the arena after the other; all is given back at once, by `reset`.
#[repr(align(16))]
struct Arena(Cell<[u8; ARENA_BYTES]>, Cell<usize>);

// SAFETY: the module has one thread.
unsafe impl Sync for Arena {}

#[global_allocator]
static ARENA: Arena = Arena(Cell::new([0; ARENA_BYTES]), Cell::new(0));

// SAFETY: pieces don't overlap between two resets, and nothing outlives a reset.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = self.1.get().next_multiple_of(layout.align());
        if start + layout.size() > ARENA_BYTES {
            return core::ptr::null_mut();
        }
        self.1.set(start + layout.size());
        unsafe { self.0.as_ptr().cast::<u8>().add(start) }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

const DOCUMENT: &str = r#"{"version":"2.0","routeKey":"$default","rawPath":"/my/path","headers":{
  "header1":"value1","header2":"value1,value2"},"queryStringParameters":{"parameter1":"value1,value2"},
  "requestContext":{"accountId":"123456789012","stage":"$default","timeEpoch":1583348638390,
  "http":{"method":"POST","path":"/my/path","protocol":"HTTP/1.1","sourceIp":"192.0.2.1"}},
  "items":[1,2.5,-3e4,true,false,null,"a \"quoted\" string with a \\ and a \n in it",[[],{}],
  {"id":1,"price":12.99,"tags":["new","sale"]},{"id":2,"price":7.5,"tags":[]},{"id":3,"price":120,
  "tags":["heavy","large","slow delivery"]}],"isBase64Encoded":false}"#;

enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i32 {
    let mut hash = 0x811c_9dc5u32;
    for _ in 0..n {
        ARENA.1.set(0);
        let mut parser = Parser { text: DOCUMENT.as_bytes(), at: 0 };
        let Some(value) = parser.value() else { return -1 };
        let mut printed = String::new();
        print(&value, &mut printed);
        for byte in printed.bytes() {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
    hash as i32
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.text.get(self.at) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str, value: Value) -> Option<Value> {
        let found = self.text[self.at..].starts_with(word.as_bytes());
        self.at += word.len();
        found.then_some(value)
    }

    fn value(&mut self) -> Option<Value> {
        match self.peek()? {
            b'{' => self.object(),
            b'[' => self.list(),
            b'"' => self.string().map(Value::Text),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => self.number(),
        }
    }

    fn object(&mut self) -> Option<Value> {
        let mut fields = Vec::new();
        self.at += 1;
        if self.eat(b'}') {
            return Some(Value::Object(fields));
        }
        loop {
            self.peek()?;
            let name = self.string()?;
            if !self.eat(b':') {
                return None;
            }
            fields.push((name, self.value()?));
            if self.eat(b'}') {
                return Some(Value::Object(fields));
            }
            if !self.eat(b',') {
                return None;
            }
        }
    }

    fn list(&mut self) -> Option<Value> {
        let mut items = Vec::new();
        self.at += 1;
        if self.eat(b']') {
            return Some(Value::List(items));
        }
        loop {
            items.push(self.value()?);
            if self.eat(b']') {
                return Some(Value::List(items));
            }
            if !self.eat(b',') {
                return None;
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        if self.text.get(self.at) != Some(&b'"') {
            return None;
        }
        self.at += 1;
        let mut bytes = Vec::new();
        loop {
            let byte = *self.text.get(self.at)?;
            self.at += 1;
            match byte {
                b'"' => return String::from_utf8(bytes).ok(),
                b'\\' => {
                    let escaped = *self.text.get(self.at)?;
                    self.at += 1;
                    bytes.push(match escaped {
                        b'n' => b'\n',
                        b't' => b'\t',
                        other => other,
                    });
                }
                other => bytes.push(other),
            }
        }
    }

    fn number(&mut self) -> Option<Value> {
        let start = self.at;
        while let Some(b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E') = self.text.get(self.at) {
            self.at += 1;
        }
        let digits = core::str::from_utf8(&self.text[start..self.at]).ok()?;
        digits.parse().ok().map(Value::Number)
    }
}

fn print(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => print_number(*number, out),
        Value::Text(text) => print_text(text, out),
        Value::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                print(item, out);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            out.push('{');
            for (index, (name, field)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                print_text(name, out);
                out.push(':');
                print(field, out);
            }
            out.push('}');
        }
    }
}

fn print_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            other => out.push(other),
        }
    }
    out.push('"');
}

/// With three places after the point at most.
fn print_number(number: f64, out: &mut String) {
    if number < 0.0 {
        out.push('-');
    }
    let thousandths = (if number < 0.0 { -number } else { number } * 1000.0) as u64;
    print_digits(thousandths / 1000, out);
    let mut rest = thousandths % 1000;
    if rest > 0 {
        out.push('.');
        for place in [100, 10, 1] {
            if rest > 0 {
                out.push((b'0' + (rest / place) as u8) as char);
                rest %= place;
            }
        }
    }
}

fn print_digits(number: u64, out: &mut String) {
    if number >= 10 {
        print_digits(number / 10, out);
    }
    out.push((b'0' + (number % 10) as u8) as char);
}
