"""The pure core: values in, values out; standard library only, no clock, randomness, log or I/O."""
