"""What all rules share: the thresholds of harm, chance, persistence and warm-up, group by group."""

from trainvitals_server.diagnosis.threshold import Declared, Threshold, Thresholds, defaults

POLICY: dict[str, Declared] = {
    "warm_up": {
        "steps": Threshold(100, "first steps are wild in healthy runs"),
        "samples": Threshold(1600, "100 batches of 16, half of the usual 32 (Bengio 2012): batches may be small"),
        "steps_max": Threshold(800, "an update of one sample moves the weights as far as one of many"),
        "rate_rise": Threshold(1.1, "a learning rate that wobbles up by less is a schedule, not a warm-up"),
    },
    "persistence": {
        "points": Threshold(10, "k of n, as Prometheus' `for`: so many last samples are looked at"),
        "share": Threshold(0.8, "a state is sustained in eight of ten samples"),
        "points_min": Threshold(3, "fewer samples tell no state from a leap"),
    },
    "windows": {
        "points_min": Threshold(10, "a mean of fewer points is not known well enough to compare (Student 1908)"),
        "points_apart": Threshold(4, "points logged each so many steps are few, and the run is no longer young"),
        "apart": Threshold(5.0, "steps between points from which on a loss is logged now and then"),
        "points_max": Threshold(500, "longer windows hide what happened last"),
        "significance": Threshold(3.0, "standard errors between two means; Welch 1947, about one in 700 by chance"),
        "fall_min": Threshold(0.005, "a smaller share is no progress even where it is significant"),
    },
    "loss": {
        "chance_share": Threshold(0.98, "above this share of chance a loss is no better than chance"),
        "learned_share": Threshold(0.9, "below this share of chance something was learned, even on a plateau"),
        "learned_left": Threshold(0.8, "below this share of its start a loss has come down clearly"),
        "own_factor": Threshold(
            1.5, "farther from what the gradient tells a logged loss is on another scale, or a sum"
        ),
        "own_steps": Threshold(20, "steps between the look and the logged loss that it is compared with"),
        "diverged_factor": Threshold(1.5, "a loss this many times its start, or its best, has diverged"),
        "recovering_share": Threshold(0.8, "a window this far below the one before may still come down"),
        "risen_share": Threshold(0.2, "a rise from the best by this share of the untrained loss is no wobble"),
        "far_above": Threshold(10.0, "times chance: no scale of targets or classes explains it after the warm-up"),
        "settling": Threshold(2.0, "warm-ups that a loss from far above chance is given once it has come down to it"),
        "wait_a_time_step": Threshold(
            15.0,
            "steps at chance a time step of the sequences: a GRU took 8 to 31 to recall the first of 10 to 20 symbols",
        ),
        "wait_max": Threshold(
            600.0, "six warm-ups: longer no one should wait unwarned, however long the sequences are"
        ),
        "pace": Threshold(0.5, "share of its steps so far within which a falling loss should come down to chance"),
        "near_chance": Threshold(1.1, "farther above chance a loss may be on a scale of its own"),
        "scale_left": Threshold(0.5, "after a deeper fall only a close match with chance counts"),
        "progress_min": Threshold(0.05, "a fall by this share of its start would be progress"),
        "fall_seen": Threshold(0.01, "a young run whose loss came down so much is on its way"),
        "stalled_share": Threshold(0.5, "a loss that stops falling above this share of its start has stalled"),
        "late_trend": Threshold(1.0, "standard errors by which the later half of an ending plateau falls"),
        "leap_steps": Threshold(50, "steps within which large first updates show in the loss"),
        "leap_factor": Threshold(1.5, "a loss that leaps to so many times its start at first fails slowly"),
        "signed": Threshold(0.05, "share of values below 0 from which on a loss has no floor at 0"),
        "non_finite_points": Threshold(3, "one bad batch is not the end: so many of the last five points"),
        "broke_points": Threshold(5, "last points before a loss broke that show whether it had learned"),
        "error_max": Threshold(0.015, "a mean known no better than to this share hides a fall of 5 %"),
    },
    "chance": {
        "untrained_low": Threshold(0.95, "below this share of ln C a first loss is no untrained cross-entropy"),
        "untrained_high": Threshold(1.3, "nor above it: the default initialisation starts near ln C"),
        "classes_min": Threshold(2, "one class has no entropy"),
        "labels_a_class": Threshold(4, "fewer labels a class do not tell the entropy of the data (Miller 1955)"),
    },
    "depth": {
        "layers_min": Threshold(3, "two weight matrices have no depth along which a gradient could vanish"),
        "samples": Threshold(10, "samples over which the weakest and the strongest layer are told"),
    },
    "updates": {
        "fitting_ratio": Threshold(1e-3, "an update of a thousandth of the weight is about right; Karpathy, CS231n"),
        "factor_max": Threshold(30.0, "no advice changes the learning rate by more at once"),
        "zero_start_samples": Threshold(20, "a weight that starts at zero has no meaningful ratio at first"),
    },
    "incidents": {
        "onset_steps": Threshold(20, "a blow-up takes 5 to 20 steps from its first sign (Bengio 2012, section 3.1)"),
    },
}
POLICY_DEFAULTS: dict[str, Thresholds] = {name: defaults(group) for name, group in POLICY.items()}
