# ---- nothing below needs a change ----
set -u
there=()
for ((k = 1; k <= shards; k++)); do
    part=$parts.$k-of-$shards.h5
    if [ -e "$part" ]; then
        there+=("$part")
    else
        echo "not finished: $part"
    fi
done
if [ ${#there[@]} -eq 0 ]; then
    echo "no shard is finished: submit the array again, then this"
    exit 75
fi
exec "$plstrap" merge "${there[@]}" -o "$result"
