package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
)

func main() {
	command := `{"device_id":"lamp-7","command_type":"set_led","protocol":"mqtt","payload":{"on":true}}`
	url := os.Getenv("GATEWAY_URL") + "/v1/commands?wait=succeeded&timeout=30s"
	response, err := http.Post(url, "application/json", strings.NewReader(command))
	if err != nil {
		log.Fatal(err)
	}
	var outcome struct{ State, Detail string }
	if err := json.NewDecoder(response.Body).Decode(&outcome); err != nil {
		log.Fatal(err)
	}
	fmt.Println(outcome.State + outcome.Detail)
}
