"""scipy's figures for a list of [name, arguments], as a JSON list: an oracle for our own."""

import json
import sys

import numpy as np
from scipy import special, stats


def mixture(events, bad, base, rates, weights):
    lines = [
        np.log(w) + stats.binom.logpmf(bad, events, r) - stats.binom.logpmf(bad, events, base)
        for r, w in zip(rates, weights)
    ]
    return special.logsumexp(lines)


def normaliser(first, second, bad, odds):
    count = np.arange(max(0, bad - second), min(first, bad) + 1)
    central = stats.hypergeom.logpmf(count, first + second, first, bad)
    return special.logsumexp(central + count * np.log(odds))


def prior_posterior(total, inset, good, seen, a, b):
    return stats.betabinom.logpmf(inset, total, a, b) - stats.betabinom.logpmf(
        inset - good, total - seen, a + good, b + seen - good
    )


def multinomial(counts, shares):
    counts, shares = np.array(counts), np.array(shares)
    n = counts.sum()
    return stats.dirichlet_multinomial.logpmf(
        counts, 100 * shares, n
    ) - stats.multinomial.logpmf(counts, n, shares)


def quantile_ranks(events, level, alpha):
    counts = np.arange(events + 1)
    ratio = stats.betabinom.logpmf(
        counts, events, 10 * level, 10 * (1 - level)
    ) - stats.binom.logpmf(counts, events, level)
    within = counts[ratio < -np.log(alpha)]
    return [int(within.min()), int(within.max()) + 1]


FIGURES = {
    "logGamma": special.gammaln,
    "logBeta": special.betaln,
    "logBinomial": stats.binom.logpmf,
    "logHypergeometric": lambda i, a, b, m: stats.hypergeom.logpmf(i, a + b, a, m),
    "mixture": mixture,
    "normaliser": normaliser,
    "noncentral": lambda i, a, b, m, odds: stats.nchypergeom_fisher.logpmf(i, a + b, a, m, odds),
    "priorPosterior": prior_posterior,
    "multinomial": multinomial,
    "quantileRanks": quantile_ranks,
    "betaDensity": lambda p, bad, good: stats.beta.logpdf(p, 1 + bad, 1 + good),
}

questions = json.load(sys.stdin)
answers = [FIGURES[name](*arguments) for name, arguments in questions]
json.dump([x if isinstance(x, list) else float(x) for x in answers], sys.stdout)
