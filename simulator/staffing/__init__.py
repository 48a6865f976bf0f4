"""How many seats and people: requirement per half hour for a target, and a shift plan that obeys labour rules."""
