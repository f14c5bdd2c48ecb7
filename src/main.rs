//! The command line: which command, nothing else.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    conference::commands::run().await
}
