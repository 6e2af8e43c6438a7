# bash complete.bash FILE LINE: what the function of FILE offers where TAB is typed at the end of LINE, a match a line.
# The words are readline's: `=` is one of COMP_WORDBREAKS and so a word of its own.
compopt() { :; } # has nothing to say outside of a completion
. "$1"
read -ra COMP_WORDS <<< "${2//=/ = }"
[[ $2 != *' ' && $2 != *= ]] || COMP_WORDS+=('')
[[ $2 != *= ]] || unset 'COMP_WORDS[-1]'
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
COMP_LINE=$2 COMP_POINT=${#2}
_holdfast
((${#COMPREPLY[@]} == 0)) || printf '%s\n' "${COMPREPLY[@]}"
