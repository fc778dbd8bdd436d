# check.awk: rejection rates of true hypotheses against their levels; files: documented.tsv, then tables.
#
# Printed is what lies beyond the level by more than `band` Monte Carlo errors (of the level). It is in order if
# documented.tsv has a line whose patterns fit and whose bounds of rate/level hold (within the band as well). Of very many
# rates some are beyond 3 errors by chance, some 3 of 1,000: up to one error more is shown and let pass.
BEGIN { FS = "\t"; bad = 0; count = 0 }
FNR == 1 { next }
FILENAME ~ /documented\.tsv$/ {
    for (i = 1; i <= 4; i++)
        pattern[count, i] = "^(" $i ")$"
    least[count] = $5
    most[count] = $6
    reason[count++] = $7
    next
}
{ split($0, f, ",") }
f[10] == "null" {
    tests++
    nominal = f[12]
    error = sqrt(nominal * (1 - nominal) / f[14])
    if (f[15] > nominal - band * error && f[15] < nominal + band * error)
        next
    why = ""
    for (k = 0; k < count && why == ""; k++)
        if (f[1] "-" f[2] ~ pattern[k, 1] && f[3] ~ pattern[k, 2] && f[8] ~ pattern[k, 3] &&
            f[9] ~ pattern[k, 4] && f[15] > least[k] * nominal - band * error &&
            f[15] < most[k] * nominal + band * error)
            why = reason[k]
    word = "documented"
    if (why == "") {
        far = f[15] > nominal ? f[15] - nominal : nominal - f[15]
        word = far > (band + 1) * error ? "NOT DOCUMENTED" : "marginal"
        bad += word != "marginal"
        marginal += word == "marginal"
    }
    printf "%s %s n=%s %s: %s %s at %s: %.4f%s\n", word, f[1], f[2], f[3], f[8],
        f[9], nominal, f[15], why == "" ? "" : " (" why ")"
}
END {
    if (tests == 0) {
        print "there are no rates of true hypotheses to look at"
        exit 1
    }
    printf "%d rates of true hypotheses: %d marginal, %d beyond their level and what is documented\n", tests, marginal, bad
    exit bad > 0
}
