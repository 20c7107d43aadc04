//! The cost of a measurement: seconds and peak memory.

use std::time::Instant;

/// The result of some work, its seconds, and the peak of the whole process's memory meanwhile in MiB (0: not known).
pub fn measured<T>(work: impl FnOnce() -> T) -> (T, f64, f64) {
    // The kernel forgets the peak so far when told to (proc(5), clear_refs); otherwise the figure is the peak ever.
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
    fn work_that_takes_memory_and_time_is_seen_to() {
        let (_, _, little) = measured(|| ());
        let (filled, seconds, much) = measured(|| vec![1_u8; 200 << 20].iter().filter(|byte| **byte == 1).count());
        assert_eq!(filled, 200 << 20);
        assert!(seconds > 0.0 && much > little + 150.0, "{little} {much}");
    }
}
