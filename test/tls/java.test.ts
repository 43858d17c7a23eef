import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aFile, aFolder, aSecureSandbox, purchase, run, type SecureSandbox } from './kit.js'

// Java's client speaks HTTP/2 where it can; the older one never does.
const source = `
import java.io.*;
import java.net.*;
import java.net.http.*;

class Client {
  public static void main(String[] args) throws Exception {
    URI uri = URI.create(args[0]);
    HttpRequest.BodyPublisher body = HttpRequest.BodyPublishers.ofString(args[1]);
    HttpRequest request = HttpRequest.newBuilder(uri).header("Content-Type", "application/json").POST(body).build();
    HttpResponse<String> reply = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    System.out.println(reply.version() + " " + reply.statusCode() + " " + reply.body());

    HttpURLConnection old = (HttpURLConnection) uri.toURL().openConnection();
    old.setRequestProperty("Content-Type", "application/json");
    old.setDoOutput(true);
    try (OutputStream out = old.getOutputStream()) { out.write(args[1].getBytes("UTF-8")); }
    System.out.println("HttpURLConnection " + old.getResponseCode() + " " + new String(old.getInputStream().readAllBytes(), "UTF-8"));
  }
}
`

test('Java clients, new and old, reach a vendor by its own name with the authority in their trust store', async () => {
  const sandbox = await aSecureSandbox()

  const said = await java(sandbox, [
    '-Djavax.net.ssl.trustStorePassword=changeit',
    `-Djavax.net.ssl.trustStore=${await aTrustStore(sandbox)}`,
  ])

  expect(said.stdout.trim().split('\n')).toEqual(['HTTP_2 200 {"code":200}', 'HttpURLConnection 200 {"code":200}'])
})

test('a Java client that does not know the authority refuses', async () => {
  const sandbox = await aSecureSandbox()

  const said = await java(sandbox, [])

  expect(said.code).not.toBe(0)
  expect(said.stderr).toContain('SSLHandshakeException')
})

/** As "coinslot ca --install-hint java" says. */
async function aTrustStore(sandbox: SecureSandbox): Promise<string> {
  const store = join(aFolder(), 'coinslot.p12')
  const certificate = aFile('ca.pem', sandbox.ca)
  const args = [
    '-importcert',
    '-noprompt',
    '-alias',
    'coinslot',
    '-file',
    certificate,
    '-keystore',
    store,
    '-storetype',
    'PKCS12',
    '-storepass',
    'changeit',
  ]
  const said = await run('keytool', args)
  expect(said.code).toBe(0)
  return store
}

function java(sandbox: SecureSandbox, options: readonly string[]) {
  const hosts = aFile('hosts', '127.0.0.1 api.gocarrot.com\n')
  const url = `https://api.gocarrot.com:${sandbox.port}/v2/purchase`
  return run('java', ['-XX:TieredStopAtLevel=1', `-Djdk.net.hosts.file=${hosts}`, ...options, aFile('Client.java', source), url, purchase])
}
