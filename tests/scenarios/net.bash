# SPDX-License-Identifier: GPL-2.0-or-later
#
# Servers on the loopback, for what downloads. `load net` after `load lib`; stop_servers in teardown.
#	misbehave	serves $V1; $BAD/MODE is a repository on a server that is MODE (tests/servers/misbehave);
#			$REQUESTS has a line per request
#	proxy_up	is a proxy at $PROXY (tests/servers/proxy)
#	nginx_up	serves $V1 at $HTTP, and at $HTTPS with a certificate by the authority $CA

# shellcheck disable=SC2034 # the scenarios use what is set here
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy no_proxy NO_PROXY
SERVERS=()
REQUESTS=$TMP/requests

quick=(--timeout 1 --retries 0)

misbehave() { # [FOLDER]
	: > "$REQUESTS"
	/usr/bin/python3 "$HERE/../servers/misbehave" "${1:-$V1}" "$TMP/port" "$REQUESTS" 3>&- 4>&- 2> "$TMP/server.err" &
	SERVERS+=($!)
	until [ -s "$TMP/port" ]; do sleep 0.05; done
	BAD=http://127.0.0.1:$(cat "$TMP/port")
}

proxy_up() { # [NAME:PASSWORD]: a proxy on the way, at $PROXY; $PROXIED has a line per request
	PROXIED=$TMP/proxied
	: > "$PROXIED"
	rm -f "$TMP/proxy.port"
	/usr/bin/python3 "$HERE/../servers/proxy" "$TMP/proxy.port" "$PROXIED" "$@" 3>&- 4>&- 2> "$TMP/proxy.err" &
	SERVERS+=($!)
	until [ -s "$TMP/proxy.port" ]; do sleep 0.05; done
	PROXY=127.0.0.1:$(cat "$TMP/proxy.port")
}

free_port() {
	/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

authority() { # a certificate authority, a server's and a client's certificate
	CA=$TMP/tls/ca.pem
	mkdir -p "$TMP/tls"
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=lab -days 2 -keyout "$TMP/tls/ca.key" -out "$CA" 2> "$TMP/err"
	for who in server client; do
		openssl req -newkey rsa:2048 -nodes -subj "/CN=$who" -keyout "$TMP/tls/$who.key" -out "$TMP/tls/$who.csr" 2> "$TMP/err"
		openssl x509 -req -in "$TMP/tls/$who.csr" -CA "$CA" -CAkey "$TMP/tls/ca.key" -CAcreateserial -days 2 \
			-extfile <(echo 'subjectAltName=IP:127.0.0.1') -out "$TMP/tls/$who.pem" 2> "$TMP/err"
	done
}

nginx_up() { # [LINE...]: further lines for the server
	need nginx openssl
	local http https early=()
	authority
	http=$(free_port) https=$(free_port)
	mkdir -p "$TMP/nginx"
	cat > "$TMP/nginx/conf" <<-CONF
		daemon off; master_process off; pid $TMP/nginx/pid; error_log $TMP/nginx/error.log;
		user root;
		events { }
		http {
			access_log $TMP/nginx/access.log;
			client_body_temp_path $TMP/nginx/t; proxy_temp_path $TMP/nginx/t; fastcgi_temp_path $TMP/nginx/t;
			uwsgi_temp_path $TMP/nginx/t; scgi_temp_path $TMP/nginx/t;
			server {
				listen 127.0.0.1:$http; listen 127.0.0.1:$https ssl;
				ssl_certificate $TMP/tls/server.pem; ssl_certificate_key $TMP/tls/server.key;
				ssl_client_certificate $CA;
				root $TMP;
				$(printf '%s\n' "$@")
			}
		}
	CONF
	touch "$TMP/nginx/error.log"
	! nginx -h 2>&1 | grep -q '^ *-e ' || early=(-e "$TMP/nginx/error.log") # since 1.19.5
	nginx -c "$TMP/nginx/conf" "${early[@]}" 3>&- 4>&- > "$TMP/nginx/out" 2>&1 &
	SERVERS+=($!)
	HTTP=http://127.0.0.1:$http HTTPS=https://127.0.0.1:$https
	for _ in $(seq 100); do
		curl_ok "$http" && return
		sleep 0.05
	done
	cat "$TMP/nginx/error.log" "$TMP/nginx/out" >&2
	return 1
}

curl_ok() { (exec 5<> "/dev/tcp/127.0.0.1/$1") 2> "$TMP/err"; }

repodata() { # SED-SCRIPT [KIND]: $V1's list of packages rewritten and compressed, with a repomd.xml that vouches for it
	local file=$V1/repodata/primary.xml
	rm -rf "$V1/repodata"
	createrepo_c -q "$V1"
	case $(echo "$V1"/repodata/*primary.xml.*) in # as this createrepo_c likes it
	*.zst) zstd -qdc "$V1"/repodata/*primary.xml.zst ;;
	*) gzip -dc "$V1"/repodata/*primary.xml.gz ;;
	esac | sed "$1" > "$TMP/primary.xml"
	rm -rf "$V1/repodata"/*
	case ${2-} in
	zst) zstd -q "$TMP/primary.xml" -o "$file.zst" ;;
	xz) xz -c "$TMP/primary.xml" > "$file.xz" ;;
	bz2) bzip2 -c "$TMP/primary.xml" > "$file.bz2" ;;
	gz) gzip -c "$TMP/primary.xml" > "$file.gz" ;;
	*) cp "$TMP/primary.xml" "$file" ;;
	esac
	file=$file${2:+.$2}
	cat > "$V1/repodata/repomd.xml" <<-XML
		<?xml version="1.0" encoding="UTF-8"?>
		<repomd xmlns="http://linux.duke.edu/metadata/repo"><data type="primary">
		<checksum type="sha256">$(sha256sum < "$file" | cut -c1-64)</checksum>
		<location href="repodata/${file##*/}"/><size>$(stat -c %s "$file")</size>
		</data></repomd>
	XML
}

stop_servers() {
	local pid
	for pid in "${SERVERS[@]}"; do
		kill "$pid" 2> "$TMP/err" || :
		wait "$pid" 2> "$TMP/err" || :
	done
}

from() { # SPEC... -- ARG...: putback with these sources and the good key, impatient
	local specs=()
	while [ "$1" != -- ]; do specs+=(--from "$1"); shift; done
	shift
	pb_bare --root "$R" "${specs[@]}" --key "$KEY" "${quick[@]}" "$@"
}
