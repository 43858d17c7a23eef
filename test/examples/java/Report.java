import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

/**
 * Reports a purchase to Teak: to the real service, or to the sandbox where COINSLOT_TEAK_URL says so.
 *
 * Run: npx coinslot exec --memory -- java Report.java
 */
public final class Report {
  public static void main(String[] arguments) throws Exception {
    String teak = System.getenv().getOrDefault("COINSLOT_TEAK_URL", "https://api.gocarrot.com");
    String order = """
        {"game_id":"123456","secret_key":"server-secret","user_id":"player-1","amount":499,"platform_id":"order-java-1"}""";
    HttpRequest request = HttpRequest.newBuilder(URI.create(teak + "/v2/purchase"))
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(order))
        .build();

    var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());

    System.out.println(answer.statusCode() + " " + answer.body());
    System.out.println("explained in request " + answer.headers().firstValue("X-Sandbox-Request").orElse("(not a sandbox)"));
    if (answer.statusCode() != 200) System.exit(1);
  }
}
