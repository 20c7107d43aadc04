//! The mind: an event and a time in, effects out. It knows no clock, file, thread or bus, and cannot fail.
