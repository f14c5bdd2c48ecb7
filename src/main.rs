//! The command line: which command, nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    conference::commands::run()
}
