"""What the busiest operations cost: statements, CPU, and how that grows. Run by `bin/bench`."""
