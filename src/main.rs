//! The program's door: everything is behind `cli`.

fn main() -> std::process::ExitCode {
    ordinance::cli::main()
}
