//! The program: parse, run, print the error.

/// Pages are thousands of small allocations; this allocator makes them a quarter cheaper.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    connectory::cli::main()
}
