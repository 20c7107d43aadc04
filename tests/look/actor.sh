#!/bin/sh
# Plays a look that goes wrong, in the way that the last word of its pictures names; leaves its process id beside them.
echo $$ > "$7.pid"
case "$7" in
    */silent) exec sleep 60 ;;
    */closed) exec sleep 60 > /dev/null 2>&1 ;;
    */endless) exec yes '{"trouble":"busy","detail":"again and again"}' ;;
    */long) head -c 200000 /dev/zero | tr '\0' x && exec sleep 60 ;;
    */loud) exec yes 3>&1 >&2 ;;
    */garbage) echo 'good evening' ;;
    */binary) head -c 2000 /dev/urandom ;;
    */nothing) ;;
    */crash) echo 'the models are gone' >&2 && exit 3 ;;
    */trouble) echo '{"trouble":"busy","detail":"in a call"}' && exit 1 ;;
esac
