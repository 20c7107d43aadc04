//! The cost of a measurement: seconds and peak memory.

use std::time::Instant;

/// The result of a function, its seconds, and the peak memory of the process during the call in MiB (0 if unknown).
pub fn measured<T>(work: impl FnOnce() -> T) -> (T, f64, f64) {
    // Writing 5 to clear_refs resets the peak (proc(5)); if that fails, the figure is the peak since the start.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let began = Instant::now();
    let result = work();
    (result, began.elapsed().as_secs_f64(), peak().unwrap_or_default())
}

fn peak() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_and_time_of_a_call_are_measured() {
        let (_, _, little) = measured(|| ());
        let (filled, seconds, much) = measured(|| vec![1_u8; 200 << 20].iter().filter(|byte| **byte == 1).count());
        assert_eq!(filled, 200 << 20);
        assert!(seconds > 0.0 && much > little + 150.0, "{little} {much}");
    }
}
