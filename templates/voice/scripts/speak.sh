# In place of a voice: a tenth of a second of silence, as a WAV file.
cat >/dev/null
printf 'RIFF\244\014\000\000WAVEfmt \020\000\000\000\001\000\001\000'
printf '\200\076\000\000\000\175\000\000\002\000\020\000data\200\014\000\000'
head -c 3200 /dev/zero
