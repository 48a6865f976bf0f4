"""The words of staffing answers, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, str]

WORDS: Mapping[str, Words] = {
    "en": {
        "target": "Target: {target}. Service level = {formula}.",
        "erlang": "By Erlang A: up to {most} seats ({when}), {hours} seat hours in all. Nothing was simulated.",
        "corrected": (
            "Corrected by simulation ({rounds} rounds of {runs} replications): up to {most} seats "
            "({when}), {hours} seat "
            "hours in all. Erlang A alone says up to {erlang_most} and {erlang_hours}."
        ),
        "checked": (
            "With other callers ({runs} replications), at {confidence} confidence for each: {holds} of {count} half "
            "hours hold the target, {open} are open, {fails} do not hold it; {few} have too few calls to tell, and the "
            "seats of Erlang A. All calls together: {level} in time."
        ),
        "unused": (
            "{unused} of the {people} people have no shift: with {seats} seats no more can be at work within the "
            "rules. More seats, or fewer people."
        ),
        "within_seats": "Never are more than {most} present at once, of {seats} seats.",
        "longer_nights": (
            "{count} shifts of the night in which the clocks go back have {hours} hours: pay the extra one, or "
            "relieve them earlier."
        ),
        "shorter_nights": "{count} shifts of the night in which the clocks go forward have {hours} hours.",
        "limited": "No more than {most} seats were allowed.",
        "week": "Monday {first} to Sunday {last}",
        "kept": "No labour rule is broken. The plan costs at most {gap} more than any could.",
        "broken": "Labour rules are broken:",
        "week_checked": (
            "Simulated with these people ({runs} replications): {level} of the calls in time ({share} "
            "wanted), mean wait "
            "{wait} s, {answered} answered. {holds} of {count} half hours hold the target at {confidence} confidence, "
            "{open} are open, {fails} do not; {few} have too few calls to tell."
        ),
        "seats_table": "Seats by half hour",
        "marks": "? open   ! does not hold   ~ too few calls to tell",
        "worst_table": "Where most calls are answered too late",
        "missing_table": "Where most seats are missing",
        "skills_table": "Who is missing where: agents with the skills at work, and what Erlang A needs for these calls",
        "skills_fine": (
            "For every topic and language there are at least as many people with the skills as Erlang A needs."
        ),
        "hour": "from",
        "calls": "calls",
        "erlang_seats": "Erlang A",
        "seats": "seats",
        "planned": "planned",
        "missing": "missing",
        "late": "calls too late",
        "level": "in time",
        "confidence": "confidence",
        "verdict": "holds?",
        "holds": "yes",
        "open": "open",
        "fails": "no",
        "few": "few calls",
        "group": "topic and language",
        "when": "worst",
        "needed": "needed",
        "there": "at work",
        "short": "half hours short",
        "short_h": "hours missing",
        "lessons": (
            "One skill more for {count} people, on the same callers ({runs} replications). Now: {level} of the calls "
            "within {within} s, mean wait {wait} s."
        ),
        "lessons_best": "Next: {skill} ({level} of service level, {wait} s of mean wait).",
        "lessons_unsure": (
            "No skill changes service level or wait by more than chance explains: more --runs, or enough."
        ),
        "lessons_none": "Everybody has every skill at the level that is asked for.",
        "kinds": "Who should learn {skill}",
        "skill": "skill",
        "pupils": "pupils",
        "level_gain": "level, points",
        "wait_gain": "mean wait, s",
        "answered_gain": "answered, points",
        "sure": "sure?",
        "yes": "yes",
        "no": "no",
        "knows": "people who know",
    },
    "el": {
        "target": "Στόχος: {target}· επίπεδο εξυπηρέτησης = {formula}.",
        "erlang": "Κατά Erlang A: έως {most} θέσεις ({when}), συνολικά {hours} ώρες θέσεων. Δεν έγινε προσομοίωση.",
        "corrected": (
            "Διορθωμένες με προσομοίωση (γύροι: {rounds}, επαναλήψεις σε καθέναν: {runs}): έως {most} θέσεις ({when}), "
            "συνολικά {hours} ώρες θέσεων. Μόνο του το Erlang A λέει έως {erlang_most} και {erlang_hours}."
        ),
        "checked": (
            "Με άλλους καλούντες ({runs} επαναλήψεις), με βεβαιότητα {confidence} για καθένα: από τα "
            "{count} ημίωρα τον "
            "στόχο τον πετυχαίνουν {holds}, σε {open} μένει ανοιχτό, δεν τον πετυχαίνουν {fails}· {few} "
            "έχουν πολύ λίγες "
            "κλήσεις για να φανεί, και τις θέσεις του Erlang A. Όλες οι κλήσεις μαζί: εγκαίρως {level}."
        ),
        "unused": (
            "{unused} από τα {people} άτομα δεν έχουν βάρδια: με {seats} θέσεις δεν χωρούν περισσότεροι μέσα στους "
            "κανόνες. Χρειάζονται περισσότερες θέσεις ή λιγότερα άτομα."
        ),
        "within_seats": "Ποτέ δεν είναι παρόντες περισσότεροι από {most} μαζί, σε {seats} θέσεις.",
        "longer_nights": (
            "{count} βάρδιες της νύχτας που τα ρολόγια πάνε πίσω έχουν {hours} ώρες: να πληρωθεί η επιπλέον, "
            "ή να αλλάξουν νωρίτερα."
        ),
        "shorter_nights": "{count} βάρδιες της νύχτας που τα ρολόγια πάνε μπροστά έχουν {hours} ώρες.",
        "limited": "Επιτρέπονταν έως {most} θέσεις.",
        "week": "Δευτέρα {first} έως Κυριακή {last}",
        "kept": (
            "Κανένας εργατικός κανόνας δεν παραβιάζεται. Το πλάνο κοστίζει έως {gap} παραπάνω από το καλύτερο δυνατό."
        ),
        "broken": "Παραβιάζονται εργατικοί κανόνες:",
        "week_checked": (
            "Προσομοίωση με αυτά τα άτομα ({runs} επαναλήψεις): εγκαίρως απαντάται το {level} των κλήσεων (στόχος "
            "{share}), μέση αναμονή {wait} δευτ., απαντώνται {answered}. Τον στόχο με βεβαιότητα {confidence} τον "
            "πετυχαίνουν {holds} από τα {count} ημίωρα, σε {open} μένει ανοιχτό, δεν τον πετυχαίνουν {fails}· {few} "
            "έχουν πολύ λίγες κλήσεις για να φανεί."
        ),
        "seats_table": "Θέσεις ανά ημίωρο",
        "marks": "? ανοιχτό   ! δεν τον πετυχαίνει   ~ πολύ λίγες κλήσεις",
        "worst_table": "Πού απαντώνται αργά οι περισσότερες κλήσεις",
        "missing_table": "Πού λείπουν οι περισσότερες θέσεις",
        "skills_table": "Ποιος λείπει πού: άτομα με τις δεξιότητες στη δουλειά, και όσα θέλει το Erlang A",
        "skills_fine": "Για κάθε θέμα και γλώσσα υπάρχουν τουλάχιστον όσα άτομα με τις δεξιότητες θέλει το Erlang A.",
        "hour": "από",
        "calls": "κλήσεις",
        "erlang_seats": "Erlang A",
        "seats": "θέσεις",
        "planned": "στο πλάνο",
        "missing": "λείπουν",
        "late": "αργές κλήσεις",
        "level": "εγκαίρως",
        "confidence": "βεβαιότητα",
        "verdict": "στόχος;",
        "holds": "ναι",
        "open": "ανοιχτό",
        "fails": "όχι",
        "few": "λίγες κλήσεις",
        "group": "θέμα και γλώσσα",
        "when": "χειρότερο",
        "needed": "χρειάζονται",
        "there": "στη δουλειά",
        "short": "ημίωρα με έλλειψη",
        "short_h": "ώρες που λείπουν",
        "lessons": (
            "Μία δεξιότητα παραπάνω για {count} άτομα, με τους ίδιους καλούντες ({runs} επαναλήψεις). "
            "Τώρα: {level} των "
            "κλήσεων μέσα σε {within} δευτ., μέση αναμονή {wait} δευτ."
        ),
        "lessons_best": "Επόμενη: {skill} ({level} στο επίπεδο εξυπηρέτησης, {wait} δευτ. στη μέση αναμονή).",
        "lessons_unsure": (
            "Καμία δεξιότητα δεν αλλάζει επίπεδο ή αναμονή περισσότερο από όσο εξηγεί η τύχη: "
            "περισσότερα --runs, ή αρκούν όσες υπάρχουν."
        ),
        "lessons_none": "Όλοι έχουν κάθε δεξιότητα στο επίπεδο που ζητείται.",
        "kinds": "Ποιοι να μάθουν {skill}",
        "skill": "δεξιότητα",
        "pupils": "μαθητές",
        "level_gain": "επίπεδο, μονάδες",
        "wait_gain": "μέση αναμονή, δευτ.",
        "answered_gain": "απαντώνται, μονάδες",
        "sure": "βέβαιο;",
        "yes": "ναι",
        "no": "όχι",
        "knows": "άτομα που ξέρουν",
    },
}
