#!/bin/bash
# Runs a shell script in a small machine of its own that can have webcams: run.sh FOLDER
#
# FOLDER/job is the script. The guest runs it as root, in busybox's shell; it sees the host's files below /host, read-only,
# and FOLDER as /job. The exit code is the job's; 90 and over: the machine failed, 124: it ran past LIMIT seconds.
set -u
vm=${MOODRING_CAMERA_VM:?names the folder that prepare.sh made}
root=$vm/root
qemu=$(command -v qemu-system-x86_64 || true)
firmware=()
if [ -z "$qemu" ]; then
    qemu=$root/usr/bin/qemu-system-x86_64
    firmware=(-L "$root/usr/share/qemu" -L "$root/usr/share/seabios")
    export LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu
fi
share() { echo "-fsdev local,id=$1,path=$2,security_model=none$3 -device virtio-9p-pci,fsdev=$1,mount_tag=$1"; }
# shellcheck disable=SC2046
timeout "${LIMIT:-600}" "$qemu" "${firmware[@]}" -M q35,smm=off -accel "${ACCEL:-tcg,thread=multi,tb-size=512}" -cpu "${CPU:-Nehalem}" -smp 2 -m 1024 \
    -nodefaults -no-user-config -display none -no-reboot -serial stdio -kernel "$vm/kernel" -initrd "$vm/initramfs" \
    -append "console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off nokaslr random.trust_cpu=on no_timer_check clocksource=hpet" \
    -device isa-debug-exit,iobase=0x501,iosize=1 \
    $(share host / ,readonly=on,multidevs=remap) $(share job "$1" "") < /dev/null
code=$?
[ $code = 124 ] && exit 124
# Without a code the guest has powered itself off, or panicked; else the status is twice the code and one.
[ $((code % 2)) = 1 ] && exit $((code / 2)) || exit 92
