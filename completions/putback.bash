# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of putback for bash.
_putback()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command='' word
	local commands='survey history plan fetch apply undo redo recover forget log help'
	local options='--root --from --cache --offline --releasever --cacert --timeout --retries --key --trust-root-keys --allow-unsigned --json --quiet --verbose --help --version'
	local IFS=$' \t\n'

	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case " $commands " in *" $word "*) command=$word && break ;; esac
	done
	case $prev in
	--root | --cache | --cacert | --key | --like | --manifest | --path | --only-path | --output | -o) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
	--from | --update-from) mapfile -t COMPREPLY < <(compgen -W 'cache repos' -- "$cur"; compgen -f -- "$cur"); return ;;
	--config) mapfile -t COMPREPLY < <(compgen -W 'rpm keep replace' -- "$cur"); return ;;
	--undo) mapfile -t COMPREPLY < <(compgen -W last -- "$cur"); return ;;
	--back-to) mapfile -t COMPREPLY < <(compgen -W yesterday -- "$cur"); return ;;
	esac
	case $command in
	plan) options+=' --undo --back-to --interrupted --forward --update-from --like --manifest --exact --path --only-path --with --without --exclude --no-closure --nodeps --config --replacefiles --autorelabel --fix-boot --why --files --exit-code --output' ;;
	apply) options+=' --undo --back-to --interrupted --forward --update-from --like --manifest --exact --path --only-path --with --without --exclude --no-closure --nodeps --config --replacefiles --autorelabel --fix-boot --run-scriptlets --rpmdb-by-root --yes' ;;
	undo) options+=' --yes --force' ;;
	recover) options+=' --yes --back --force --rpmdb-by-root --salvage' ;;
	fetch) options+=' --undo --back-to --interrupted --forward --update-from --to' ;;
	forget) options+=' --yes --force' ;;
	redo) options+=' --yes --rpmdb-by-root' ;;
	esac
	case $command:$cur in
	*:-*) mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur") ;;
	:* | help:*) mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur") ;;
	apply:*) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
	esac
}
complete -o filenames -F _putback putback
