"""Benchmarks of a served model: throughput, latency, context scaling, names kept over a long context."""
