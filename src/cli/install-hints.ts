/** Systems that the sandbox knows how to be trusted by. */
export const installTargets = ['android', 'ios', 'windows', 'macos', 'linux', 'java', 'node', 'unity'] as const

export type InstallTarget = (typeof installTargets)[number]

/** Returns the steps by which a system trusts the authority. */
export function installHint(target: InstallTarget): string {
  return ['coinslot ca --out coinslot-ca.pem', '', ...hints[target], '', ...constraints].join('\n')
}

const constraints = [
  'The authority can speak for vendor names, local names and private addresses alone, and its key never leaves the data directory.',
  'Remove it again when you are done.',
]

const hints: Readonly<Record<InstallTarget, readonly string[]>> = {
  android: [
    'Apps of yours, Android 7 and later: put the file into the debug build as res/raw/coinslot_ca.pem, and this into',
    'res/xml/network_security_config.xml, named by android:networkSecurityConfig in the manifest:',
    '',
    '<network-security-config>',
    '  <debug-overrides>',
    '    <trust-anchors>',
    '      <certificates src="@raw/coinslot_ca" />',
    '    </trust-anchors>',
    '  </debug-overrides>',
    '</network-security-config>',
    '',
    'Apps that trust certificates of the user, and the browser: adb push coinslot-ca.pem /sdcard/Download/coinslot-ca.crt, then',
    'Settings > Security > Encryption & credentials > Install a certificate > CA certificate.',
    'Other apps, on an emulator without Google Play: adb root, adb remount, and copy the file to',
    '/system/etc/security/cacerts/<hash>.0 where <hash> is: openssl x509 -subject_hash_old -noout -in coinslot-ca.pem',
  ],
  ios: [
    'Simulator: xcrun simctl keychain booted add-root-cert coinslot-ca.pem',
    'Device: send it the file (AirDrop, mail), then Settings > Profile Downloaded > Install, and after that',
    'Settings > General > About > Certificate Trust Settings: switch it on. Without the second step nothing is trusted.',
  ],
  windows: [
    'In a prompt of an administrator, for all users:',
    '  certutil -addstore -f Root coinslot-ca.pem',
    'For yourself alone: certutil -user -addstore -f Root coinslot-ca.pem',
    'Take it out: certutil -delstore Root "coinslot sandbox …" (the name in the list)',
  ],
  macos: [
    'sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain coinslot-ca.pem',
    'Take it out: sudo security remove-trusted-cert -d coinslot-ca.pem',
  ],
  linux: [
    'Debian, Ubuntu: sudo cp coinslot-ca.pem /usr/local/share/ca-certificates/coinslot-ca.crt && sudo update-ca-certificates',
    'Fedora, RHEL: sudo cp coinslot-ca.pem /etc/pki/ca-trust/source/anchors/ && sudo update-ca-trust',
    'Chrome and Chromium keep a store of their own: certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n coinslot -i coinslot-ca.pem',
    'curl alone: curl --cacert coinslot-ca.pem …; Python requests: REQUESTS_CA_BUNDLE; Go and OpenSSL: SSL_CERT_FILE',
  ],
  java: [
    'A trust store of its own, beside the one of the JDK:',
    '  keytool -importcert -noprompt -alias coinslot -file coinslot-ca.pem -keystore coinslot.p12 -storetype PKCS12 -storepass changeit',
    '  java -Djavax.net.ssl.trustStore=coinslot.p12 -Djavax.net.ssl.trustStorePassword=changeit …',
    'Or in the JDK itself: keytool -importcert -cacerts -alias coinslot -file coinslot-ca.pem',
    'Java does not apply the name constraints of a certificate it trusts directly.',
  ],
  node: ['NODE_EXTRA_CA_CERTS=$PWD/coinslot-ca.pem node …', 'It is read once, when the process starts.'],
  unity: [
    'The editor and Windows, macOS and Linux players use the system: see --install-hint windows, macos or linux.',
    'Android and iOS players: see --install-hint android or ios.',
    'UnityWebRequest can be told to trust it in code, in development builds alone:',
    '',
    '// using System.Linq; using System.Security.Cryptography.X509Certificates; using UnityEngine.Networking;',
    'sealed class CoinslotCertificate : CertificateHandler {',
    '    readonly X509Certificate2 authority;',
    '    public CoinslotCertificate(byte[] pem) => authority = new X509Certificate2(pem); // the file, as a TextAsset',
    '    protected override bool ValidateCertificate(byte[] leaf) {',
    '        var chain = new X509Chain();',
    '        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;',
    '        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;',
    '        chain.ChainPolicy.ExtraStore.Add(authority);',
    '        return chain.Build(new X509Certificate2(leaf))',
    '            && chain.ChainElements[chain.ChainElements.Count - 1].Certificate.RawData.SequenceEqual(authority.RawData);',
    '    }',
    '}',
    '',
    'A WebGL build runs in a browser, which uses its own trust or the system’s; start the sandbox with --cors.',
  ],
}
