"""The seven assets, each partitioned by voice: what is made from what, and what a person wants to see of it."""
