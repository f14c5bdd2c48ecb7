//! Random numbers for tests that do things at random.

/// Random numbers that are the same for the same seed (xorshift).
pub struct Dice(pub u64);

impl Dice {
    /// Returns a number below `sides`.
    pub fn throw(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).expect("a small number")
    }

    /// Returns one of these.
    pub fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.throw(from.len())]
    }
}
