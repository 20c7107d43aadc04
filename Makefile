# `make run` runs the demo; `make test` checks everything. Both install the Debian packages that are missing.

BUILD = build-essential libclang1 cmake
# The demo: a player without sound, a private session bus, and freely licensed music.
DEMO = dbus-daemon vlc-bin vlc-plugin-base wesnoth-1.16-music
# The tests: more players, a sound server without a card, encoders, and a panel for the tray.
TEST = $(DEMO) mpd mpdris2 rhythmbox rhythmbox-plugins gstreamer1.0-plugins-good audacious \
       audacious-plugins quodlibet strawberry clementine mpv mpv-mpris celluloid cmus playerctl pulseaudio xvfb \
       ffmpeg strace sqlite3 gnome-keyring libglib2.0-bin desktop-file-utils \
       appstream systemd man-db
# Trying a Debian package in a fresh root.
TRY = debootstrap lintian dpkg-dev systemd-container
CARGO_DENY = 0.20.2
CARGO_DEB = 3.8.0
CARGO_GENERATE_RPM = 0.21.1
CAMERA ?=

.PHONY: build run demo test torture test-camera lint deny doc clean package deb rpm try-deb try-session try-players try-evenings packages-build packages-demo packages-test

build: packages-build
	cargo build --release --locked

run demo: packages-build packages-demo
	cargo build --release --locked
	./target/release/moodring demo $(if $(CAMERA),--camera $(CAMERA))

test: packages-build packages-test lint
	cargo test --locked --workspace --all-targets
	@$(MAKE) --no-print-directory test-camera

# Faults, injected one by one: see docs/reliability.md. About five minutes.
torture: packages-build packages-test
	MOODRING_KILL_ROUNDS=200 cargo test --locked -p moodring-music --test durability
	cargo test --locked -p moodring-music --lib library::
	cargo test --locked --test reliability -- --nocapture

# A webcam under the kernel's own driver, in an emulated machine. Where that is impossible, it prints why and continues.
test-camera: packages-build
	@vm="$${CARGO_TARGET_DIR:-target}/camera-vm"; tests/camera/vm/prepare.sh "$$vm"; case $$? in \
	  0) MOODRING_CAMERA_VM=$$(realpath "$$vm") cargo test --locked --test look real:: -- --nocapture ;; \
	  77) ;; \
	  *) exit 1 ;; esac

lint: packages-build deny
	cargo fmt --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cargo check --locked --no-default-features
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items

deny:
	@cargo deny --version >/dev/null 2>&1 || { echo "Installing cargo-deny $(CARGO_DENY) from crates.io"; \
	  CARGO_PROFILE_DEV_DEBUG=0 cargo install --locked --debug cargo-deny --version $(CARGO_DENY); }
	cargo fetch --locked
	cargo deny --offline check bans licenses sources

# Man pages, completions and the sample configuration for packages.
package: build
	./target/release/moodring generate target/package

deb: package
	@cargo deb --version >/dev/null 2>&1 || cargo install --locked cargo-deb --version $(CARGO_DEB)
	cargo deb --no-build --no-strip

rpm: package
	@cargo generate-rpm --version >/dev/null 2>&1 || cargo install --locked cargo-generate-rpm --version $(CARGO_GENERATE_RPM)
	cargo generate-rpm

# As root: installs, starts, upgrades and removes the package in a fresh Debian, then runs lintian.
try-deb:
	@packaging/install-packages.sh $(TRY)
	packaging/try-deb.sh target/debian/moodring_*.deb

# As root: boots a Debian with the package in a container, where systemd starts the agent for a user.
try-session:
	@packaging/install-packages.sh $(TRY)
	packaging/try-session.sh target/debian/moodring_*.deb

# As root: runs the tests with real players against the players of Debian 13.
try-players: packages-build
	@packaging/install-packages.sh $(TRY)
	packaging/try-players.sh

# Random evenings with fake players; EVENINGS=n chooses how many.
try-evenings: packages-build
	MOODRING_EVENINGS=$(or $(EVENINGS),10000) cargo test --locked --test evenings

clean:
	cargo clean

packages-build:
	@packaging/install-packages.sh $(BUILD)

packages-demo:
	@packaging/install-packages.sh $(DEMO)

packages-test:
	@packaging/install-packages.sh $(TEST)
