// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IERC721Receiver} from "@openzeppelin/contracts/token/ERC721/IERC721Receiver.sol";
import {IHalo2Verifier} from "../src/interfaces/IHalo2Verifier.sol";
import {MintRequest} from "../src/collection/Terms.sol";
import {PentimentoCollection} from "../src/PentimentoCollection.sol";

/// @notice Test double. It checks no proof: it accepts exactly one recorded triple of key, proof and instances.
contract RecordedVerifier is IHalo2Verifier {
    bytes32 public recorded;

    function record(bytes32 statement) external {
        recorded = statement;
    }

    function verifyProof(address vk, bytes calldata proof, uint256[] calldata instances) external view returns (bool) {
        return keccak256(abi.encode(vk, proof, instances)) == recorded;
    }
}

/// @notice Test double for a verifier that does not answer with one boolean.
contract BrokenVerifier {
    enum Answer {
        Revert,
        Nothing,
        TwoWords,
        WordTwo,
        BurnGas
    }

    Answer private immutable _answer;

    constructor(Answer answer) {
        _answer = answer;
    }

    fallback(bytes calldata) external returns (bytes memory) {
        if (_answer == Answer.Nothing) return "";
        if (_answer == Answer.TwoWords) return abi.encode(1, 1);
        if (_answer == Answer.WordTwo) return abi.encode(2);
        if (_answer == Answer.BurnGas) {
            // Memory safe: touches no memory; `invalid` takes all gas of the call.
            assembly ("memory-safe") {
                invalid()
            }
        }
        revert("no answer");
    }
}

/// @notice Creator that is a contract and, while it receives a token, mints the next one and asks for the proceeds.
contract ReenteringCreator is IERC721Receiver {
    PentimentoCollection private immutable _collection;
    RecordedVerifier private immutable _verifier;

    MintRequest private _next;
    bytes32 private _statement;

    /// @notice What the inner mint reverted with; empty when it was not tried or passed.
    bytes public innerError;
    /// @notice Token data as the collection showed them during the callback.
    bytes public seenData;

    constructor(PentimentoCollection collection, RecordedVerifier verifier) {
        _collection = collection;
        _verifier = verifier;
    }

    /// @notice Sets what the callback mints; `statement` makes the double accept it.
    function arm(MintRequest calldata next, bytes32 statement) external {
        (_next, _statement) = (next, statement);
    }

    function claim(bytes32 commitment) external {
        _collection.claim(commitment);
    }

    function mint(MintRequest calldata request) external {
        _collection.mint(request);
    }

    function onERC721Received(address, address, uint256 tokenId, bytes calldata) external returns (bytes4) {
        seenData = _collection.aigcData(tokenId);
        _verifier.record(_statement);
        try _collection.mint(_next) {}
        catch (bytes memory reason) {
            innerError = reason;
        }
        return this.onERC721Received.selector;
    }
}

/// @notice Creator and owner that is a contract and can hold neither tokens nor ether.
contract DeafCreator {
    function claim(PentimentoCollection collection, bytes32 commitment) external {
        collection.claim(commitment);
    }

    function mint(PentimentoCollection collection, MintRequest calldata request) external {
        collection.mint(request);
    }
}
