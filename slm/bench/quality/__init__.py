"""How well recall answers: rankings beside their baselines, abstention, extractive answers, with intervals."""
