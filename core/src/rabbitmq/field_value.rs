//! AMQP 0-9-1 field tables: the values of headers and arguments.
//!
//! The types are those of RabbitMQ's AMQP 0-9-1 errata. Comparison follows Erlang's `==`, because
//! that is what the broker compares headers and arguments with: an integer equals a double of the
//! same value, and a byte array equals a string of the same bytes. This is one of the two places
//! where a floating-point number occurs at all; it is held as its bits.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::names::Name;

/// A double outside its bits; nothing else in the protocols has one.
pub(super) type Double = f64;

/// A field table: names and values, in the order sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Fingerprint)]
pub struct Table(Vec<(Name, FieldValue)>);

/// One value of a field table. Derived equality and order are those of the representation (used
/// to tell bindings apart); the broker's comparison is [`FieldValue::same`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint)]
pub enum FieldValue {
    /// `t`
    Bool(bool),
    /// `b`
    Byte(i8),
    /// `B`
    UnsignedByte(u8),
    /// `s`
    Short(i16),
    /// `u`
    UnsignedShort(u16),
    /// `I`
    SignedInt(i32),
    /// `i`
    UnsignedInt(u32),
    /// `l`
    Long(i64),
    /// `f`, as its bits.
    Float(u32),
    /// `d`, as its bits.
    Double(u64),
    /// `D`: digits after the point, and the number without the point.
    Decimal(u8, u32),
    /// `S`
    LongStr(Name),
    /// `x`
    Binary(Rc<[u8]>),
    /// `A`
    Array(Vec<FieldValue>),
    /// `T`, in seconds since the epoch.
    Timestamp(u64),
    /// `F`
    Table(Table),
    /// `V`
    Void,
}

impl Table {
    /// No fields.
    #[must_use]
    pub const fn new() -> Self {
        Table(Vec::new())
    }

    /// The first value under a name, as `rabbit_misc:table_lookup` finds it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&FieldValue> {
        self.0.iter().find(|(n, _)| &**n == name).map(|(_, v)| v)
    }

    /// Adds a field at the end.
    pub fn push(&mut self, name: Name, value: FieldValue) {
        self.0.push((name, value));
    }

    /// Without the fields of this name.
    #[must_use]
    pub fn without(&self, name: &str) -> Table {
        self.iter()
            .filter(|(n, _)| n.as_ref() != name)
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect()
    }

    /// In the order of the names, as bindings keep their arguments.
    #[must_use]
    pub fn sorted(&self) -> Table {
        let mut fields = self.0.clone();
        fields.sort_by(|a, b| a.0.cmp(&b.0));
        Table(fields)
    }

    /// All fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &FieldValue)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// Whether there are no fields.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(Name, FieldValue)> for Table {
    fn from_iter<I: IntoIterator<Item = (Name, FieldValue)>>(fields: I) -> Self {
        Table(fields.into_iter().collect())
    }
}

impl FieldValue {
    /// A string.
    #[must_use]
    pub fn text(text: &str) -> Self {
        FieldValue::LongStr(Name::from(text))
    }

    /// A double.
    #[must_use]
    pub fn double(value: f64) -> Self {
        FieldValue::Double(value.to_bits())
    }

    /// The double or float it holds; nought for every other type.
    pub(super) fn as_double(&self) -> Double {
        match *self {
            FieldValue::Double(bits) => f64::from_bits(bits),
            FieldValue::Float(bits) => f32::from_bits(bits).into(),
            _ => 0.0,
        }
    }

    /// The type's name in error texts (`rabbit_binary_parser`).
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            FieldValue::Bool(_) => "bool",
            FieldValue::Byte(_) => "byte",
            FieldValue::UnsignedByte(_) => "unsignedbyte",
            FieldValue::Short(_) => "short",
            FieldValue::UnsignedShort(_) => "unsignedshort",
            FieldValue::SignedInt(_) => "signedint",
            FieldValue::UnsignedInt(_) => "unsignedint",
            FieldValue::Long(_) => "long",
            FieldValue::Float(_) => "float",
            FieldValue::Double(_) => "double",
            FieldValue::Decimal(..) => "decimal",
            FieldValue::LongStr(_) => "longstr",
            FieldValue::Binary(_) => "binary",
            FieldValue::Array(_) => "array",
            FieldValue::Timestamp(_) => "timestamp",
            FieldValue::Table(_) => "table",
            FieldValue::Void => "void",
        }
    }

    /// The type's class: declarations compare values only within one
    /// (`rabbit_misc:type_class/1`).
    #[must_use]
    pub const fn type_class(&self) -> &'static str {
        match self {
            FieldValue::Float(_) | FieldValue::Double(_) => "float",
            FieldValue::Decimal(..) => "int",
            _ if self.is_integer() => "int",
            _ => self.type_name(),
        }
    }

    /// Whether it is of an integer type, for arguments that want one. A timestamp is not.
    #[must_use]
    pub const fn is_integer(&self) -> bool {
        matches!(
            self,
            FieldValue::Byte(_)
                | FieldValue::UnsignedByte(_)
                | FieldValue::Short(_)
                | FieldValue::UnsignedShort(_)
                | FieldValue::SignedInt(_)
                | FieldValue::UnsignedInt(_)
                | FieldValue::Long(_)
        )
    }

    /// The whole number it holds, if its type is an integer type.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        match *self {
            FieldValue::Byte(n) => Some(n.into()),
            FieldValue::UnsignedByte(n) => Some(n.into()),
            FieldValue::Short(n) => Some(n.into()),
            FieldValue::UnsignedShort(n) => Some(n.into()),
            FieldValue::SignedInt(n) => Some(n.into()),
            FieldValue::UnsignedInt(n) => Some(n.into()),
            FieldValue::Long(n) => Some(n),
            _ => None,
        }
    }

    /// The string it holds, if it is a string.
    #[must_use]
    pub fn as_text(&self) -> Option<&Name> {
        match self {
            FieldValue::LongStr(text) => Some(text),
            _ => None,
        }
    }

    /// Whether the values are equal by Erlang's `==`, whatever their own types are. Inside arrays
    /// and tables the types are part of the value.
    #[must_use]
    pub fn same(&self, other: &FieldValue) -> bool {
        use FieldValue::{Array, Bool, Decimal, Table, Void};
        if let (Some(a), Some(b)) = (self.bytes(), other.bytes()) {
            return a == b;
        }
        match (self, other) {
            (Bool(a), Bool(b)) => a == b,
            (Void, Void) => true,
            (Decimal(a, b), Decimal(c, d)) => a == c && b == d,
            (Array(a), Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same_with_type(b))
            }
            (Table(a), Table(b)) => {
                a.0.len() == b.0.len()
                    && a.iter()
                        .zip(b.iter())
                        .all(|((n, a), (m, b))| n == m && a.same_with_type(b))
            }
            // Both are the empty list.
            (Array(a), Table(b)) | (Table(b), Array(a)) => a.is_empty() && b.is_empty(),
            _ => match (self.number(), other.number()) {
                (Some(a), Some(b)) => a.same(b),
                _ => false,
            },
        }
    }

    fn same_with_type(&self, other: &FieldValue) -> bool {
        self.type_name() == other.type_name() && self.same(other)
    }

    fn bytes(&self) -> Option<&[u8]> {
        match self {
            FieldValue::LongStr(text) => Some(text.as_bytes()),
            FieldValue::Binary(bytes) => Some(bytes),
            _ => None,
        }
    }

    fn number(&self) -> Option<Number> {
        match *self {
            FieldValue::Timestamp(n) => Some(Number::Whole(n.into())),
            FieldValue::Double(_) | FieldValue::Float(_) => Some(Number::Double(self.as_double())),
            _ => self.as_integer().map(|n| Number::Whole(n.into())),
        }
    }
}

/// A number as Erlang has it.
#[derive(Clone, Copy)]
enum Number {
    Whole(i128),
    Double(f64),
}

impl Number {
    fn same(self, other: Number) -> bool {
        match (self, other) {
            (Number::Whole(a), Number::Whole(b)) => a == b,
            (Number::Double(a), Number::Double(b)) => a == b,
            (Number::Whole(whole), Number::Double(double))
            | (Number::Double(double), Number::Whole(whole)) => {
                exactly(double).is_some_and(|n| n == whole)
            }
        }
    }
}

/// The whole number that a double is, without rounding; no other that a table could hold.
fn exactly(double: f64) -> Option<i128> {
    // 2^65: every whole number in a table lies well within. `as` truncates towards zero.
    const LIMIT: f64 = 36_893_488_147_419_103_232.0;
    if double.is_nan() || double.abs() > LIMIT {
        return None;
    }
    let whole = double as i128;
    (whole as f64 == double).then_some(whole)
}

/// The Erlang term of a value, as `~p` prints it in error texts.
#[must_use]
pub fn erlang_term(value: &FieldValue) -> String {
    let mut out = String::new();
    write_term(&mut out, value);
    out
}

/// A list of character codes, as `~p` prints it: quoted if all are printable in latin-1.
#[must_use]
pub fn erlang_string(bytes: &[u8]) -> String {
    let printable = |b: &u8| matches!(b, 8..=13 | 27 | 32..=126 | 160..=255);
    if !bytes.is_empty() && bytes.iter().all(printable) {
        quoted(bytes)
    } else {
        alloc::format!("[{}]", joined(bytes))
    }
}

fn write_term(out: &mut String, value: &FieldValue) {
    use core::fmt::Write as _;
    let done = match value {
        FieldValue::Bool(b) => write!(out, "{b}"),
        FieldValue::Void => write!(out, "undefined"),
        FieldValue::Decimal(scale, n) => write!(out, "{{{scale},{n}}}"),
        FieldValue::Timestamp(n) => write!(out, "{n}"),
        FieldValue::Double(_) | FieldValue::Float(_) => {
            write!(out, "{}", erlang_float(value.as_double()))
        }
        FieldValue::LongStr(text) => write!(out, "{}", binary(text.as_bytes())),
        FieldValue::Binary(bytes) => write!(out, "{}", binary(bytes)),
        FieldValue::Array(items) => {
            let items: Vec<String> = items
                .iter()
                .map(|v| alloc::format!("{{{},{}}}", v.type_name(), erlang_term(v)))
                .collect();
            write!(out, "[{}]", items.join(",\n "))
        }
        FieldValue::Table(table) => {
            let fields: Vec<String> = table
                .iter()
                .map(|(name, v)| {
                    let name = binary(name.as_bytes());
                    alloc::format!("{{{name},{},{}}}", v.type_name(), erlang_term(v))
                })
                .collect();
            write!(out, "[{}]", fields.join(",\n "))
        }
        integer => write!(out, "{}", integer.as_integer().unwrap_or_default()),
    };
    debug_assert!(done.is_ok(), "a string takes everything");
}

fn binary(bytes: &[u8]) -> String {
    if bytes.iter().all(|b| matches!(b, 32..=126)) {
        if bytes.is_empty() {
            return String::from("<<>>");
        }
        alloc::format!("<<{}>>", quoted(bytes))
    } else {
        alloc::format!("<<{}>>", joined(bytes))
    }
}

fn quoted(bytes: &[u8]) -> String {
    let mut text = Vec::from(*b"\"");
    for &byte in bytes {
        if matches!(byte, b'"' | b'\\') {
            text.push(b'\\');
        }
        text.push(byte);
    }
    text.push(b'"');
    // The broker writes the latin-1 codes as bytes again, which restores what was UTF-8.
    String::from_utf8_lossy(&text).into_owned()
}

fn joined(bytes: &[u8]) -> String {
    let codes: Vec<String> = bytes.iter().map(|b| alloc::format!("{b}")).collect();
    codes.join(",")
}

/// As `io_lib_format:fwrite_g` writes it: the shortest digits that mean this number, with an
/// exponent where that is shorter.
fn erlang_float(value: f64) -> String {
    let scientific = alloc::format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let place = exponent.parse::<i32>().unwrap_or_default() + 1;
    let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let exp = alloc::format!("{}", place - 1);
    let with_exponent = || {
        let (first, rest) = digits.split_at(1);
        let rest = if rest.is_empty() { "0" } else { rest };
        alloc::format!("{first}.{rest}e{exp}")
    };
    let zeros = |n: i32| "0".repeat(usize::try_from(n).unwrap_or_default());
    let cost = i32::try_from(exp.len()).unwrap_or(i32::MAX) + if length == 1 { 3 } else { 2 };
    let text = if value == 0.0 {
        String::from("0.0")
    } else if place == 0 {
        alloc::format!("0.{digits}")
    } else if place < 0 {
        if 2 - place <= cost {
            alloc::format!("0.{}{digits}", zeros(-place))
        } else {
            with_exponent()
        }
    } else if place >= length {
        if place - length + 2 <= cost && value.abs() < 9_007_199_254_740_992.0 {
            alloc::format!("{digits}{}.0", zeros(place - length))
        } else {
            with_exponent()
        }
    } else {
        let (whole, rest) = digits.split_at(usize::try_from(place).unwrap_or_default());
        alloc::format!("{whole}.{rest}")
    };
    alloc::format!("{sign}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn numbers_compare_by_value_whatever_their_width() {
        let five = FieldValue::SignedInt(5);
        assert!(five.same(&FieldValue::double(5.0)));
        assert!(five.same(&FieldValue::Long(5)));
        assert!(five.same(&FieldValue::Timestamp(5)));
        assert!(!five.same(&FieldValue::double(5.5)));
        assert!(!five.same(&FieldValue::text("5")));
        assert!(!FieldValue::SignedInt(1).same(&FieldValue::Bool(true)));
    }

    #[test]
    fn a_double_that_had_to_round_equals_no_integer() {
        // 2^53 + 1 is no double; Erlang compares without rounding.
        let odd = FieldValue::Long(9_007_199_254_740_993);
        assert!(!odd.same(&FieldValue::double(9_007_199_254_740_992.0)));
        assert!(!FieldValue::Long(i64::MAX).same(&FieldValue::double(f64::INFINITY)));
        assert!(!FieldValue::Long(0).same(&FieldValue::double(f64::NAN)));
    }

    #[test]
    fn inside_a_list_types_count() {
        let list = |v| FieldValue::Array(vec![v]);
        let one = FieldValue::SignedInt(1);
        assert!(list(one.clone()).same(&list(one.clone())));
        assert!(!list(one).same(&list(FieldValue::Long(1))));
        assert!(FieldValue::Array(vec![]).same(&FieldValue::Table(Table::new())));
    }

    #[test]
    fn a_byte_array_equals_a_string_of_the_same_bytes() {
        let bytes = FieldValue::Binary(Rc::from(*b"ab"));
        assert!(bytes.same(&FieldValue::text("ab")));
    }

    #[test]
    fn terms_print_as_erlang_prints_them() {
        let cases = [
            (FieldValue::SignedInt(-5), "-5"),
            (FieldValue::text("foo"), "<<\"foo\">>"),
            (FieldValue::text(""), "<<>>"),
            (FieldValue::text("ü"), "<<195,188>>"),
            (FieldValue::Bool(true), "true"),
            (FieldValue::double(5.0), "5.0"),
            (FieldValue::double(-0.25), "-0.25"),
            (FieldValue::double(0.001), "0.001"),
            (FieldValue::double(1.0e22), "1.0e22"),
            (FieldValue::double(1234.5), "1234.5"),
            (FieldValue::double(1.0e-7), "1.0e-7"),
            (
                FieldValue::Array(vec![FieldValue::SignedInt(1)]),
                "[{signedint,1}]",
            ),
        ];
        for (value, text) in cases {
            assert_eq!(erlang_term(&value), text);
        }
        assert_eq!(erlang_string(b"say \"no\""), "\"say \\\"no\\\"\"");
        assert_eq!(erlang_string(b""), "[]");
        assert_eq!(erlang_string("€".as_bytes()), "[226,130,172]");
    }
}
