# zsh -f complete.zsh FOLDER LINE OUT: what zsh offers where TAB is typed at the end of LINE, a match a line of the file
# OUT. It is asked of a shell in a terminal of its own, with the functions of FOLDER; compadd, by which every match is
# added, tells it there. OUT.dump spares the next one half a second.
if [[ $1 == inside ]]; then
    out=$2
    autoload -Uz compinit
    compinit -u -d $out.dump
    compadd() {
        local -a matches

        if (( ! argv[(I)(-[OAD]|-[^-]*[OAD])] )); then # these would fill an array, and add nothing
            builtin compadd -A matches "$@"
            (( $#matches == 0 )) || print -rl -- $matches >> $out
        fi
        builtin compadd "$@"
    }
    over() { print -r -- '<over>' }
    comppostfuncs=(over)
    bindkey '^I' complete-word
    print -r -- '<ready>'
    return
fi
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT= fpath=(${(q)1} \$fpath); source ${(q)0:A} inside ${(q)3}"
zpty -r shell heard '*<ready>*'
zpty -w -n shell $2$'\t'
zpty -r shell heard '*<over>*'
