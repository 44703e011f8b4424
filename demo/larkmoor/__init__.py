"""Generator of the Larkmoor demo evidence: one module a source, everything seeded, standard library only."""
