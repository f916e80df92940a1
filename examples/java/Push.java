import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

public class Push {
  public static void main(String[] arguments) throws Exception {
    var command = "{\"device_id\":\"lamp-7\",\"command_type\":\"set_led\",\"protocol\":\"mqtt\",\"payload\":{\"on\":true}}";
    var url = URI.create(System.getenv("GATEWAY_URL") + "/v1/commands?wait=succeeded&timeout=30s");
    var request = HttpRequest.newBuilder(url).header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(command)).build();
    var response = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    System.out.println(response.statusCode() + " " + response.body());
  }
}
