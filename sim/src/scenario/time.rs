//! Times, durations, sizes and rates as scenarios write them: `"5ms"`, `"1ms..5ms"`, `"64KiB"`.

use glassmq_core::time::Span;

use super::form::{Word, Wrong, spelt_as_word};

/// A point of the run or a length of time, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub u64);

/// A shift of a clock in microseconds, forward or back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shift(pub i64);

/// The wall clock at the start of the run, in whole seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch(pub i64);

/// A size in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

/// Bytes a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate(pub u64);

const TIME_UNITS: &[(&str, u64)] = &[
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1000),
    ("us", 1),
];

const BYTE_UNITS: &[(&str, u64)] = &[
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("kB", 1000),
    ("B", 1),
];

spelt_as_word!(Time Shift Epoch Bytes Rate Span);

/// Reads a whole or decimal number with a unit, exactly: `1.5s` is 1,500,000 microseconds.
fn measure(text: &str, name: &str, units: &[(&str, u64)], example: &str) -> Result<u64, Wrong> {
    let remedy = || {
        let names: Vec<&str> = units.iter().map(|(unit, _)| *unit).collect();
        format!(
            "write a number and a unit ({}), such as {example:?}",
            names.join(", ")
        )
    };
    let wrong = || Wrong::new(format!("{text:?} is not {name}"), remedy());
    if text.starts_with('-') {
        return Err(Wrong::new(format!("{text:?} is negative"), remedy()));
    }
    let split = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .ok_or_else(wrong)?;
    let (number, unit) = text.split_at(split);
    let (_, scale) = units.iter().find(|(it, _)| *it == unit).ok_or_else(wrong)?;
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || number.ends_with('.') || decimals.len() > 12 {
        return Err(wrong());
    }
    let too_much = || Wrong::new(format!("{text:?} is too much"), remedy());
    let digits: u128 = format!("{whole}{decimals}").parse().map_err(|_| wrong())?;
    let parts = 10_u128.pow(u32::try_from(decimals.len()).map_err(|_| wrong())?);
    let scaled = digits
        .checked_mul(u128::from(*scale))
        .ok_or_else(too_much)?;
    if scaled % parts != 0 {
        let what = format!("{text:?} is finer than can be told apart");
        return Err(Wrong::new(what, "leave out the last decimals"));
    }
    // Half of the range: sums of two still fit.
    u64::try_from(scaled / parts)
        .ok()
        .filter(|it| *it <= u64::MAX / 2)
        .ok_or_else(too_much)
}

/// In the largest unit that needs no fraction.
fn print_measure(amount: u64, units: &[(&str, u64)]) -> String {
    let fits = |(_, scale): &&(&str, u64)| amount.is_multiple_of(*scale);
    let (unit, scale) = units
        .iter()
        .find(fits)
        .expect("every amount is a multiple of one");
    format!("{}{unit}", amount / scale)
}

fn print_time(us: u64) -> String {
    match us {
        0 => "0s".to_string(),
        _ => print_measure(us, TIME_UNITS),
    }
}

impl Word for Time {
    const NAME: &'static str = "time";
    const ABOUT: &'static str =
        "A point of the run, or a length of time: a number and a unit (us, ms, s, m, h).";
    const EXAMPLES: &'static [&'static str] = &["5s", "250ms", "50us", "1.5s", "2m"];

    fn parse(text: &str) -> Result<Self, Wrong> {
        measure(text, "a time", TIME_UNITS, "5s").map(Time)
    }

    fn print(&self) -> String {
        print_time(self.0)
    }
}

impl Word for Span {
    const NAME: &'static str = "span";
    const ABOUT: &'static str = "A delay: one time, or two with `..` between them; each delay is \
        then chosen by the seed within the two.";
    const EXAMPLES: &'static [&'static str] = &["1ms..5ms", "5ms", "0s"];

    fn parse(text: &str) -> Result<Self, Wrong> {
        let Some((least, most)) = text.split_once("..") else {
            return Time::parse(text).map(|time| Span::us(time.0));
        };
        let (least, most) = (Time::parse(least.trim())?.0, Time::parse(most.trim())?.0);
        if least > most {
            return Err(Wrong::new(
                format!("{text:?} ends before it begins"),
                format!("write {:?}", Span::between(least, most).print()),
            ));
        }
        Ok(Span { least, most })
    }

    fn print(&self) -> String {
        match self.is_exact() {
            true => print_time(self.least),
            false => format!("{}..{}", print_time(self.least), print_time(self.most)),
        }
    }
}

impl Word for Shift {
    const NAME: &'static str = "shift";
    const ABOUT: &'static str = "By how much a clock is set forward (+) or back (-).";
    const EXAMPLES: &'static [&'static str] = &["+2s", "-500ms"];

    fn parse(text: &str) -> Result<Self, Wrong> {
        let (sign, size) = match text.as_bytes().first() {
            Some(b'+') => (1, &text[1..]),
            Some(b'-') => (-1, &text[1..]),
            _ => {
                let remedy = format!("write \"+{text}\" for forward or \"-{text}\" for back");
                return Err(Wrong::new(
                    format!("{text:?} does not say which way"),
                    remedy,
                ));
            }
        };
        let size = measure(size, "a shift of a clock", TIME_UNITS, "2s")?;
        // `measure` returns at most half of the range of u64: it fits.
        Ok(Shift(sign * i64::try_from(size).unwrap_or(i64::MAX)))
    }

    fn print(&self) -> String {
        let sign = if self.0 < 0 { '-' } else { '+' };
        format!("{sign}{}", print_time(self.0.unsigned_abs()))
    }
}

impl Word for Bytes {
    const NAME: &'static str = "bytes";
    const ABOUT: &'static str = "A size: a number and a unit (B, kB, KiB, MB, MiB, GB, GiB).";
    const EXAMPLES: &'static [&'static str] = &["64KiB", "1MB", "0B"];

    fn parse(text: &str) -> Result<Self, Wrong> {
        measure(text, "a size", BYTE_UNITS, "64KiB").map(Bytes)
    }

    fn print(&self) -> String {
        match self.0 {
            0 => "0B".to_string(),
            bytes => print_measure(bytes, BYTE_UNITS),
        }
    }
}

impl Word for Rate {
    const NAME: &'static str = "rate";
    const ABOUT: &'static str = "How much passes in a second: a size and `/s`.";
    const EXAMPLES: &'static [&'static str] = &["10MB/s", "512KiB/s"];

    fn parse(text: &str) -> Result<Self, Wrong> {
        let wrong = || {
            Wrong::new(
                format!("{text:?} is not a rate"),
                "write a size and /s, such as \"10MB/s\"",
            )
        };
        let rate = Bytes::parse(text.strip_suffix("/s").ok_or_else(wrong)?)?.0;
        if rate == 0 {
            return Err(Wrong::new(
                format!("at {text:?} nothing ever passes"),
                "write a rate above zero, or use a cut or a full disk",
            ));
        }
        Ok(Rate(rate))
    }

    fn print(&self) -> String {
        format!("{}/s", Bytes(self.0).print())
    }
}

impl Word for Epoch {
    const NAME: &'static str = "wall clock";
    const ABOUT: &'static str = "A date and time in UTC.";
    const EXAMPLES: &'static [&'static str] = &["2026-01-01T00:00:00Z"];

    fn parse(text: &str) -> Result<Self, Wrong> {
        epoch(text).ok_or_else(|| {
            let what = format!("{text:?} is not a date and time in UTC");
            Wrong::new(what, "write it as in \"2026-01-01T00:00:00Z\"")
        })
    }

    fn print(&self) -> String {
        let (days, second) = (self.0.div_euclid(86_400), self.0.rem_euclid(86_400));
        let (year, month, day) = date(days);
        let (hour, minute) = (second / 3600, second / 60 % 60);
        format!(
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}Z",
            second % 60
        )
    }
}

fn epoch(text: &str) -> Option<Epoch> {
    let shape = |(i, c): (usize, char)| match i {
        4 | 7 => c == '-',
        10 => c == 'T',
        13 | 16 => c == ':',
        19 => c == 'Z',
        _ => c.is_ascii_digit(),
    };
    if text.len() != 20 || !text.chars().enumerate().all(shape) {
        return None;
    }
    let number = |from: usize, to: usize| text[from..to].parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let days = days_before(year, month, day);
    let valid = date(days) == (year, month, day) && hour < 24 && minute < 60 && second < 60;
    valid.then_some(Epoch(days * 86_400 + hour * 3600 + minute * 60 + second))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar. Years are counted from March, so
/// that the leap day is the last of its year.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
        - 719_468
}

/// The date so many days after 1970-01-01: year, month, day.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let year = era * 400 + year_of_era;
    match month {
        0..10 => (year, month + 3, day),
        _ => (year + 1, month - 9, day),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_decimal_is_read_exactly() {
        assert_eq!(Time::parse("8.5s"), Ok(Time(8_500_000)));
        assert_eq!(Time::parse("2m"), Ok(Time(120_000_000)));
        assert_eq!(Bytes::parse("1.5KiB"), Ok(Bytes(1536)));
    }

    #[test]
    fn what_is_not_a_time_is_refused_with_a_remedy() {
        for (text, what) in [
            ("-5s", "\"-5s\" is negative"),
            ("5", "\"5\" is not a time"),
            ("5 s", "\"5 s\" is not a time"),
            ("1.s", "\"1.s\" is not a time"),
            ("1.2.3s", "\"1.2.3s\" is not a time"),
            ("0.1us", "\"0.1us\" is finer than can be told apart"),
            ("99999999999999h", "\"99999999999999h\" is too much"),
        ] {
            assert_eq!(Time::parse(text).unwrap_err().what, what);
        }
        let wrong = Span::parse("5ms..1ms").unwrap_err();
        assert_eq!(wrong.remedy, "write \"1ms..5ms\"");
    }

    #[test]
    fn dates_follow_the_calendar() {
        assert_eq!(Epoch::parse("1970-01-01T00:00:00Z"), Ok(Epoch(0)));
        assert_eq!(
            Epoch::parse("2026-01-01T00:00:00Z"),
            Ok(Epoch(1_767_225_600))
        );
        assert_eq!(Epoch::parse("2000-02-29T23:59:59Z"), Ok(Epoch(951_868_799)));
        assert!(Epoch::parse("1900-02-29T00:00:00Z").is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_the_same(us in 0..u64::MAX / 2, more in 0..9_000_000u64) {
            prop_assert_eq!(Time::parse(&Time(us).print()), Ok(Time(us)));
            prop_assert_eq!(Bytes::parse(&Bytes(us).print()), Ok(Bytes(us)));
            let span = Span::between(us / 2, us / 2 + more);
            prop_assert_eq!(Span::parse(&span.print()), Ok(span));
            let shift = Shift(i64::try_from(us).unwrap().wrapping_neg());
            prop_assert_eq!(Shift::parse(&shift.print()), Ok(shift));
        }

        #[test]
        fn every_second_of_ten_thousand_years_is_written_and_read(s in -62_167_219_200..253_402_300_800i64) {
            prop_assert_eq!(Epoch::parse(&Epoch(s).print()), Ok(Epoch(s)));
        }
    }
}
