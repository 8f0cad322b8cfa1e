/**
 * Ends the process $1 and everything it started: TERM, up to five seconds' grace, then KILL. Plain `sh` and `/proc`,
 * because a closed SSH channel stops nothing by itself and the processes may belong to root.
 */
export const killTree = `tree=" $1 "
grow() {
  more=1
  while [ "$more" = 1 ]; do
    more=0
    for file in /proc/[0-9]*/stat; do
      IFS= read -r line 2>/dev/null < "$file" || continue
      pid=\${line%% *}
      rest=\${line##*) ?}
      rest=\${rest# }
      parent=\${rest%% *}
      case $tree in *" $pid "*) continue ;; esac
      case $tree in *" $parent "*) tree="$tree$pid "; more=1 ;; esac
    done
  done
}
living() {
  for pid in $tree; do
    IFS= read -r line 2>/dev/null < "/proc/$pid/stat" || continue
    case \${line##*) } in Z*) ;; *) return 0 ;; esac
  done
  return 1
}
grow
kill -TERM $tree 2>/dev/null
rounds=0
while living && [ "$rounds" -lt 50 ]; do
  sleep 0.1
  rounds=$((rounds + 1))
done
if living; then
  grow
  kill -KILL $tree 2>/dev/null
fi
exit 0
`;
