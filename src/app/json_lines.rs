//! The log's JSON lines. Every request writes one, so its cost counts on every page. This module writes request lines
//! straight into the log's buffer, with the keys and the order of tracing's own JSON format. That format takes twice as
//! long; it writes all other lines.

use std::fmt::{self, Debug, Display, Write};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    EnvFilter,
    fmt::{
        FmtContext, FormatEvent, FormatFields, MakeWriter,
        format::{Format, Json, Writer},
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

/// The tracing target of request lines.
pub const REQUEST: &str = "request";

/// Returns a subscriber that writes the lines that pass this filter to this writer.
pub fn subscriber(
    filter: &str,
    writer: impl for<'a> MakeWriter<'a> + Send + Sync + 'static,
) -> impl Subscriber + Send + Sync {
    let format = tracing_subscriber::fmt().with_env_filter(EnvFilter::new(filter)).with_writer(writer).with_ansi(false);
    format.json().flatten_event(true).map_event_format(JsonLines).finish()
}

/// Formats request lines itself and passes all others to tracing's own format.
struct JsonLines(Format<Json>);

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let metadata = event.metadata();
        if metadata.target() != REQUEST {
            return self.0.format_event(context, writer, event);
        }
        writer.write_str("{\"timestamp\":\"")?;
        SystemTime.format_time(&mut writer)?;
        writer.write_str("\",\"level\":\"")?;
        writer.write_str(metadata.level().as_str())?;
        writer.write_str("\"")?;
        let mut fields = Fields { writer: &mut writer, written: Ok(()) };
        event.record(&mut fields);
        fields.written?;
        writer.write_str(",\"target\":\"request\"}\n")
    }
}

/// Writes an event's fields, each after a comma. [`Visit`] has no way to report an error, so the first one is kept
/// here.
struct Fields<'a, 'w> {
    writer: &'a mut Writer<'w>,
    written: fmt::Result,
}

impl Fields<'_, '_> {
    fn key(&mut self, field: &Field) -> fmt::Result {
        self.written?;
        self.writer.write_str(",\"")?;
        self.writer.write_str(field.name())?;
        self.writer.write_str("\":")
    }

    fn text(&mut self, field: &Field, write: impl FnOnce(&mut Escaped<'_, '_>) -> fmt::Result) {
        self.written = self.key(field).and_then(|()| {
            self.writer.write_char('"')?;
            write(&mut Escaped(self.writer))?;
            self.writer.write_char('"')
        });
    }

    fn bare(&mut self, field: &Field, value: impl Display) {
        self.written = self.key(field).and_then(|()| write!(self.writer, "{value}"));
    }
}

impl Visit for Fields<'_, '_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.text(field, |text| write!(text, "{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, |text| text.write_str(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() { self.bare(field, value) } else { self.bare(field, "null") }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.bare(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.bare(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.bare(field, value);
    }
}

/// Text inside a JSON string.
struct Escaped<'a, 'w>(&'a mut Writer<'w>);

impl Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.bytes().position(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
            self.0.write_str(&rest[..at])?;
            write!(self.0, "\\u{:04x}", rest.as_bytes()[at])?;
            rest = &rest[at + 1..];
        }
        self.0.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use serde_json::Value;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for &Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("one thread").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Written {
        type Writer = &'a Self;

        fn make_writer(&'a self) -> &'a Self {
            self
        }
    }

    /// Returns the lines that our subscriber writes under this filter.
    fn lines(filter: &str) -> Vec<String> {
        let written = Written::default();
        tracing::subscriber::with_default(subscriber(filter, written.clone()), events);
        text(&written)
    }

    /// Returns the same lines in tracing's own format.
    fn lines_of_tracing() -> Vec<String> {
        let written = Written::default();
        let format = tracing_subscriber::fmt().with_env_filter(EnvFilter::new("info")).with_writer(written.clone());
        tracing::subscriber::with_default(format.json().flatten_event(true).finish(), events);
        text(&written)
    }

    fn text(written: &Written) -> Vec<String> {
        let bytes = written.0.lock().expect("one thread").clone();
        String::from_utf8(bytes).expect("text").lines().map(str::to_owned).collect()
    }

    fn events() {
        let id = "00c0ffee00c0ffee";
        tracing::info!(target: REQUEST, id = %id, method = "GET", route = "/{c}/programme", status = 200_u16, ms = 0.25);
        tracing::info!(target: REQUEST, id = %"a\"b\\c\n\u{7f}é", method = "\t", ok = true, left = -1, ms = f64::NAN);
        tracing::info!(target: "other", status = 200, "a line of \"others\"");
    }

    fn keys(line: &str) -> Vec<&str> {
        line.split('"').skip(1).step_by(2).filter(|text| line.contains(&format!("\"{text}\":"))).collect()
    }

    #[test]
    fn a_request_line_equals_the_json_that_tracing_writes() {
        let (ours, theirs) = (lines("info"), lines_of_tracing());
        assert_eq!(ours.len(), 3);
        assert_eq!(keys(&ours[0]), ["timestamp", "level", "id", "method", "route", "status", "ms", "target"]);
        assert_eq!(keys(&ours[0]), keys(&theirs[0]));
        for (ours, theirs) in ours.iter().zip(&theirs) {
            let mut read = [ours, theirs].map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
            let times = read.each_mut().map(|line| line.as_object_mut().and_then(|line| line.remove("timestamp")));
            assert_eq!(read[0], read[1]);
            let times = times.map(|time| time.and_then(|time| time.as_str().map(str::len)));
            assert!(times[0].is_some() && times[0] == times[1], "{ours} {theirs}");
        }
    }

    #[test]
    fn the_filter_applies_to_request_lines_too() {
        assert_eq!(lines("info,request=off").len(), 1);
        assert_eq!(lines("off,request=info").len(), 2);
        assert_eq!(lines("warn").len(), 0);
    }
}
