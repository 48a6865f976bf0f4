"""The words of the answer, in both languages."""

from __future__ import annotations

SENTENCES = {
    "en": {
        "enough": (
            "Enough: with {seats} seats {share} of the calls are answered within {within} s ({wanted} wanted; {sure})"
        ),
        "not_enough": (
            "Not enough: with {seats} seats only {share} of the calls are answered within {within} s "
            "({wanted} wanted; {sure})"
        ),
        "unsure": (
            "Too close to call: with {seats} seats about {share} of the calls are answered within {within} s "
            "({wanted} wanted; {sure})"
        ),
        "sure": "±{half} at 95 % confidence, {runs} replications",
        "alone": "one replication alone, so nothing is sure",
        "one_with_calls": "calls came in only one of {runs} replications, so nothing is sure",
        "no_calls": (
            "Nobody called (replications: {runs}), so nothing can be said of {seats} seats: look at demand and starts."
        ),
        "no_level": (
            "No call counts (replications: {runs}): all gave up within {within} s, so nothing can be said of "
            "{seats} seats."
        ),
    },
    "el": {
        "enough": (
            "Αρκούν: με {seats} θέσεις απαντάται μέσα σε {within} δευτ. το {share} των κλήσεων "
            "(στόχος {wanted}· {sure})"
        ),
        "not_enough": (
            "Δεν αρκούν: με {seats} θέσεις απαντάται μέσα σε {within} δευτ. μόνο το {share} των κλήσεων "
            "(στόχος {wanted}· {sure})"
        ),
        "unsure": (
            "Οριακά: με {seats} θέσεις απαντάται μέσα σε {within} δευτ. περίπου το {share} των κλήσεων "
            "(στόχος {wanted}· {sure})"
        ),
        "sure": "±{half} με βεβαιότητα 95 %, {runs} επαναλήψεις",
        "alone": "μία μόνο επανάληψη, άρα τίποτα δεν είναι βέβαιο",
        "one_with_calls": "κλήσεις ήρθαν σε μία μόνο από {runs} επαναλήψεις, άρα τίποτα δεν είναι βέβαιο",
        "no_calls": (
            "Δεν κάλεσε κανείς (επαναλήψεις: {runs}), άρα για {seats} θέσεις δεν λέγεται τίποτα: "
            "δείτε demand και starts."
        ),
        "no_level": (
            "Καμία κλήση δεν μετρά (επαναλήψεις: {runs}): όλοι εγκατέλειψαν μέσα σε {within} δευτ., "
            "άρα για {seats} θέσεις δεν λέγεται τίποτα."
        ),
    },
}

FINDINGS = {
    "en": {
        "found": "; {seats} seats would be",
        "farthest_not_enough": "; even {seats} seats, twice as many, would not be",
        "farthest_unsure": "; even with {seats} seats, twice as many, it is not sure",
        "one_run": "; more replications are needed to say how many would be",
        "cannot_vary": "; how many would be cannot be searched in a line of several groups, or after a lesson",
    },
    "el": {
        "found": "· θα αρκούσαν {seats} θέσεις",
        "farthest_not_enough": "· δεν θα αρκούσαν ούτε {seats} θέσεις, δηλαδή διπλάσιες",
        "farthest_unsure": "· ούτε με {seats} θέσεις, δηλαδή διπλάσιες, είναι βέβαιο",
        "one_run": "· για να βρεθεί πόσες θα αρκούσαν χρειάζονται περισσότερες επαναλήψεις",
        "cannot_vary": "· πόσες θα αρκούσαν δεν αναζητείται σε γραμμή με πολλές ομάδες ή μετά από μάθημα",
    },
}

LIMITS = {
    "en": {
        "holds": "The target surely holds up to {load} times this load.",
        "would": "The target would surely hold up to {load} times this load.",
        "farthest_enough": "The target surely holds even at {load} times this load.",
        "farthest_not_enough": "The target would not hold even at {load} times this load.",
        "farthest_unsure": "Whether the target holds is not sure even at {load} times this load.",
        "one_run": "More replications are needed to say up to which load the target holds.",
    },
    "el": {
        "holds": "Ο στόχος τηρείται με βεβαιότητα έως και {load} φορές αυτή την κίνηση.",
        "would": "Ο στόχος θα τηρούνταν με βεβαιότητα έως και {load} φορές αυτή την κίνηση.",
        "farthest_enough": "Ο στόχος τηρείται με βεβαιότητα ακόμη και με {load} φορές αυτή την κίνηση.",
        "farthest_not_enough": "Ο στόχος δεν θα τηρούνταν ούτε με {load} φορές αυτή την κίνηση.",
        "farthest_unsure": "Ούτε με {load} φορές αυτή την κίνηση είναι βέβαιο ότι τηρείται ο στόχος.",
        "one_run": "Για να βρεθεί έως ποια κίνηση τηρείται ο στόχος χρειάζονται περισσότερες επαναλήψεις.",
    },
}

SWEEPS = {
    "en": {
        "seats": "From {value} seats on the target holds: {wanted} of the calls answered within {within} s.",
        "load": (
            "With {seats} seats the target holds up to {value} times the load, of those tried: "
            "{wanted} of the calls answered within {within} s."
        ),
        "some": (
            "In {enough} of the {all} cases tried the target holds: {wanted} of the calls answered within {within} s."
        ),
        "none": (
            "In none of the {all} cases tried does the target surely hold: "
            "{wanted} of the calls answered within {within} s."
        ),
    },
    "el": {
        "seats": "Από {value} θέσεις και πάνω τηρείται ο στόχος: {wanted} των κλήσεων μέσα σε {within} δευτ.",
        "load": (
            "Με {seats} θέσεις ο στόχος τηρείται έως και {value} φορές την κίνηση, από όσες δοκιμάστηκαν: "
            "{wanted} των κλήσεων μέσα σε {within} δευτ."
        ),
        "some": (
            "Σε {enough} από τις {all} περιπτώσεις τηρείται ο στόχος: {wanted} των κλήσεων μέσα σε {within} δευτ."
        ),
        "none": (
            "Σε καμία από τις {all} περιπτώσεις δεν τηρείται με βεβαιότητα ο στόχος: "
            "{wanted} των κλήσεων μέσα σε {within} δευτ."
        ),
    },
}

CLOCKS = {
    "en": {
        "back": "The clocks go back on {day} {date}: the day has {hours} hours, one of them comes twice, marked (2).",
        "forward": "The clocks go forward on {day} {date}: the day has {hours} hours.",
    },
    "el": {
        "back": "Τα ρολόγια πάνε πίσω {day} {date}: η μέρα έχει {hours} ώρες, μία έρχεται δύο φορές, με σημάδι (2).",
        "forward": "Τα ρολόγια πάνε μπροστά {day} {date}: η μέρα έχει {hours} ώρες.",
    },
}

BEHIND = {
    "en": {
        "one": "Behind each figure: one replication (seed {seed}). It may be luck: --runs 10 says how wide each is.",
        "many": "Behind each figure: {runs} replications (seed {seed}), ± half of its 95 % interval",
        "cases": "Behind each figure: {runs} replications of each of the {cases} cases (seed {seed}), ± half of its "
        "95 % interval",
        "width": "; the service level is known to ±{half}",
        "needed": ", to ±{wide} with about {needed}",
    },
    "el": {
        "one": "Πίσω από κάθε αριθμό: μία επανάληψη (seed {seed}). Ίσως είναι τύχη: --runs 10 λέει πόσο εύρος έχει.",
        "many": "Πίσω από κάθε αριθμό: {runs} επαναλήψεις (seed {seed}), ± το μισό διάστημα 95 %",
        "cases": "Πίσω από κάθε αριθμό: {runs} επαναλήψεις για καθεμία από {cases} περιπτώσεις (seed {seed}), ± το "
        "μισό διάστημα 95 %",
        "width": "· το επίπεδο εξυπηρέτησης είναι γνωστό με ±{half}",
        "needed": ", με ±{wide} θα ήταν σε περίπου {needed}",
    },
}
