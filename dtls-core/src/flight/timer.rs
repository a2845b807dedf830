//! How long to wait for an answer (RFC 9147 5.8.2).

use core::time::Duration;

/// The policy of retransmission and acknowledgement timers.
///
/// The defaults are those of RFC 9147 5.8.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimerConfig {
    /// Before anything was measured: 1000 ms. Media profiles take 400 ms.
    pub initial: Duration,
    /// The timer doubles up to this: 60 s.
    pub max: Duration,
    /// The least value a measured round trip leads to: 300 ms, which is above the quarter of its
    /// own initial timer that a peer may delay an ACK by.
    pub min: Duration,
    /// Whether a measured round trip sets the timer to one and a half times itself.
    pub use_rtt: bool,
    /// Retransmissions of one flight without any answer before the connection fails: 12.
    pub max_retransmissions: u32,
    /// How long the whole handshake may take: 120 s.
    pub handshake_timeout: Duration,
    /// How long an open `Need` may take: 60 s.
    pub need_timeout: Duration,
    /// How long an out-of-order message waits for the missing one before it is acknowledged, as
    /// a divisor of the retransmission timer: 16. Together with the quarter of the timer that a
    /// partial flight waits, these are the two disruptions of RFC 9147 7.1.
    pub disruption_divisor: u32,
    /// Whether messages after the handshake are acknowledged at once instead of after a quarter
    /// of the timer: yes, since the peer of a KeyUpdate waits for it.
    pub prompt_acks: bool,
}

impl Default for TimerConfig {
    fn default() -> Self {
        Self {
            initial: Duration::from_millis(1000),
            max: Duration::from_secs(60),
            min: Duration::from_millis(300),
            use_rtt: true,
            max_retransmissions: 12,
            handshake_timeout: Duration::from_secs(120),
            need_timeout: Duration::from_secs(60),
            disruption_divisor: 16,
            prompt_acks: true,
        }
    }
}

/// The current length of the retransmission timer.
#[derive(Clone, Copy, Debug)]
pub struct RetransmitTimer {
    config: TimerConfig,
    current: Duration,
    rtt: Option<Duration>,
}

impl RetransmitTimer {
    /// A timer at its initial length.
    pub const fn new(config: TimerConfig) -> Self {
        Self { config, current: config.initial, rtt: None }
    }

    /// How long to wait before the next retransmission.
    pub const fn timeout(&self) -> Duration {
        self.current
    }

    /// How long an ACK may be delayed: a quarter of the timer (RFC 9147 7.1).
    pub fn ack_delay(&self) -> Duration {
        self.current / 4
    }

    /// How long to wait for the missing piece behind one that came out of order.
    pub fn disruption_delay(&self) -> Duration {
        self.current / self.config.disruption_divisor.max(1)
    }

    /// The last measured round trip.
    pub const fn rtt(&self) -> Option<Duration> {
        self.rtt
    }

    /// The timer has expired: it doubles.
    pub fn back_off(&mut self) {
        self.current = self.current.saturating_mul(2).min(self.config.max);
    }

    /// A message was answered without having been retransmitted: the timer follows the round trip.
    pub fn measured(&mut self, rtt: Duration) {
        self.rtt = Some(rtt);
        if self.config.use_rtt {
            let wanted = rtt.saturating_add(rtt / 2);
            self.current = wanted.max(self.config.min).min(self.config.max);
        }
    }

    /// After a time of idleness of at least ten times the timer the path may have changed: back
    /// to the initial value.
    pub fn idle_for(&mut self, idle: Duration) {
        if idle >= self.current.saturating_mul(10) {
            self.current = self.config.initial;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// req: 9147-5.8.2-01, 9147-5.8.2-07
    #[test]
    fn the_timer_doubles_from_one_second_to_sixty() {
        let mut timer = RetransmitTimer::new(TimerConfig::default());
        let mut seen = alloc::vec::Vec::new();
        for _ in 0..8 {
            seen.push(timer.timeout().as_secs());
            timer.back_off();
        }
        assert_eq!(seen, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(timer.timeout().as_secs(), 60, "kept until a clean exchange");
    }

    /// req: 9147-5.8.2-06, 9147-5.8.2-08, 9147-5.8.2-09
    #[test]
    fn a_measured_round_trip_sets_it_and_idleness_resets_it() {
        let mut timer = RetransmitTimer::new(TimerConfig::default());
        timer.back_off();
        timer.measured(Duration::from_millis(400));
        assert_eq!(timer.timeout(), Duration::from_millis(600));
        assert_eq!(timer.ack_delay(), Duration::from_millis(150));
        timer.idle_for(Duration::from_secs(5));
        assert_eq!(timer.timeout(), Duration::from_millis(600));
        timer.idle_for(Duration::from_secs(6));
        assert_eq!(timer.timeout(), Duration::from_millis(1000));
        timer.measured(Duration::from_micros(80));
        assert_eq!(timer.timeout(), Duration::from_millis(300));
    }
}
