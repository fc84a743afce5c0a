"""How a memory fades and comes back: a need probability, its exact random law, phases. No store, no clock."""
