# Completion of the tools of mfpipe for fish: each says itself what may follow.

function __mfpipe_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l tool $words[1]
    if string match -qr '(^|/)mfpipe$' -- $words[1]; and test (count $words) -gt 1; and test "$words[2]" != help
        set tool $words[1..2]
    end
    for found in ($tool --_complete "$words[-1]" "$word" 2>/dev/null)
        switch $found
            case /files /folders
                set -l option (string match -r '^--[^=]*=' -- $word)
                set -l path (string replace -r '^--[^=]*=' '' -- $word)
                if test $found = /folders
                    string replace -r '^' -- "$option" (__fish_complete_directories $path '')
                else
                    string replace -r '^' -- "$option" (__fish_complete_path $path)
                end
            case '*'
                echo $found
        end
    end
end

for tool in @TOOLS@
    complete -c $tool -f -a '(__mfpipe_complete)'
end
