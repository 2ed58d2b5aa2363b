//! The program's door: everything is behind `cli`.

/// A render makes and drops millions of small texts on all cores; the usual allocator spends a
/// quarter of the time of a command on it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    ordinance::cli::main()
}
